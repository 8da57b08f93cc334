import { describe, expect, test } from 'vitest'
import { questionOf, readings, tsqueryOf } from './question.ts'
import { scoreOf, snippetOf, whyOf } from './reason.ts'
import { cutsOf, gramsOf, keyOf, meantBy, wordsOf } from './words.ts'

describe('words', () => {
  test.each([
    ['ShopOrders', ['shop', 'order']],
    ['shop-orders', ['shop', 'order']],
    ['order_lines', ['order', 'line']],
    ['HTTPServer2', ['http', 'server2']],
    ['KPIs of SKUs', ['kpis', 'of', 'skus']],
    ['Größe der Straße', ['große', 'der', 'straße']],
    ['Café-Nº 5', ['cafe', 'no', '5']],
    ['address status analysis gas', ['address', 'status', 'analysis', 'gas']],
    ['日本 データ', ['日本', 'データ'.normalize('NFKD').replace(/\p{Mark}/gu, '')]],
    [`it's "quoted" \\ 'twice'`, ['it', 's', 'quoted', 'twice']],
    ['', []],
  ])('%j is %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('the same name in each way of writing has one key', () => {
    expect(new Set(['orderLines', 'order-lines', 'Order Line', 'ORDER_LINES'].map(keyOf))).toEqual(
      new Set(['order line']),
    )
  })

  test('a mistyped word shares groups of letters with what is meant, and the nearest is taken', () => {
    expect(gramsOf('cost')).toEqual(['^co', 'cos', 'ost', 'st$'])
    expect(meantBy('custmer', ['custom', 'customer', 'costume', 'mustard'])).toEqual(['customer'])
    expect(meantBy('cat', ['dog', 'house'])).toEqual([])
    expect(meantBy('bat', ['cat', 'rat', 'bar', 'bad', 'but'])).toHaveLength(3)
  })

  test('a word is cut in two wherever both parts have two letters', () => {
    expect(cutsOf('lines')).toEqual([
      ['li', 'nes'],
      ['lin', 'es'],
    ])
    expect(cutsOf('abc')).toEqual([])
  })
})

describe('a question', () => {
  test('has words, and operators that narrow it', () => {
    const { terms, narrowing, raw } = questionOf('Orders of the owner:"Hana Lind" domain:Sales has:pii kind:ports')
    expect(terms.map(it => it.word)).toEqual(['order'])
    expect(narrowing).toMatchObject({ owners: ['hana lind'], domains: ['sales'], has: ['pii'], kinds: ['outputPort'] })
    expect(raw).toBe('orders of the')
  })

  test('of common words alone keeps them', () => {
    expect(questionOf('who is it').terms.map(it => it.word)).toEqual(['who', 'is', 'it'])
  })

  test.each([
    ['onwer:ada', 'find.wrong-operator', 'did you mean "owner"?'],
    ['kind:colum', 'find.wrong-operator', 'did you mean "column"?'],
  ])('%s is refused with the nearest', (text, code, help) => {
    expect(() => questionOf(text)).toThrow(
      expect.objectContaining({ code, problems: [expect.objectContaining({ help })] }),
    )
  })

  test('as a query of the index asks for all words, of which one is its own', () => {
    expect(tsqueryOf(questionOf('order').terms, 'ABC')).toBe("((('.order':*)))")
    expect(tsqueryOf(questionOf('sales order').terms, 'ABC')).toBe(
      "((('.sale':* | '^sale':*))) & ((('.order':* | '^order':*))) & ('.sale':* | '.order':*)",
    )
  })

  test('tells what it reads otherwise, as it was typed', () => {
    const [term] = questionOf('custmers').terms
    if (term === undefined) throw new Error('one word is one term')
    expect(readings([term])).toEqual([])
    expect(readings([{ ...term, options: [['customer']] }])).toEqual([{ word: 'custmers', as: ['customer'] }])
  })
})

describe('a reason', () => {
  const row = {
    kind: 'dataset',
    subject: 'sales.shop-orders.orders.v1.orders',
    name: 'orders',
    title: 'Orders',
    description: 'One row for each invoice.',
    keywords: 'personal.location, daily',
  }
  const why = (text: string, fit: 'name' | 'title' | 'keyword' | 'description') => {
    const { terms, narrowing } = questionOf(text)
    return whyOf({ ...row, fit }, terms, narrowing)
  }

  test('names the part that decided first, with the words as they are written there', () => {
    expect(why('sales order', 'name')).toBe('name has "orders", it lies in "sales"')
    expect(why('location', 'keyword')).toBe('keywords has "personal.location"')
    expect(why('invoices orders', 'description')).toBe('description has "invoice", name has "orders"')
  })

  test('scores fall from an exact name to a description, columns behind things', () => {
    const scores = (['exact', 'prefix', 'title', 'keyword', 'name'] as const).map(fit =>
      scoreOf({ fit, kind: 'product' }, false),
    )
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    expect(Math.min(...scores)).toBeGreaterThan(scoreOf({ fit: 'exact', kind: 'column' }, false))
    expect(scoreOf({ fit: 'exact', kind: 'product' }, true)).toBe(80)
  })

  test('a snippet of a long description holds the word', () => {
    const long = `${'Something else that is said first. '.repeat(8)}The currency is pounds. ${'And more. '.repeat(20)}`
    expect(snippetOf(long, ['currency'])).toMatch(/^… The currency is pounds\..* …$/)
    expect(snippetOf('Short.', ['currency'])).toBe('Short.')
    expect(snippetOf(null, [])).toBe('')
  })
})
