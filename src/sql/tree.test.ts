import { describe, expect, test } from 'vitest'
import { parseSelects, placeInText } from './index.ts'
import { useParser } from './parsing.suite.ts'
import { nodesAt } from './tree.ts'

const parser = useParser()

const parseOne = async (text: string) => {
  const [one] = await parseSelects(texts => parser.session().parse(texts), [text])
  return one
}

describe('a text is exactly one SELECT', () => {
  test.each([
    ['select 1; select 2', 'there is more than one statement'],
    ['', 'there is no statement'],
    ['-- nothing', 'there is no statement'],
    ['describe select 1', 'only SELECT is allowed here'],
    ['summarize orders', 'only SELECT is allowed here'],
    ['show tables', 'only SELECT is allowed here'],
    ['pragma version', 'only SELECT is allowed here'],
    ["copy (select 1) to 'x.csv'", 'only SELECT is allowed here'],
    ["attach 'x.db'", 'only SELECT is allowed here'],
    ['set threads = 1', 'only SELECT is allowed here'],
    ['install httpfs', 'only SELECT is allowed here'],
    ['load httpfs', 'only SELECT is allowed here'],
    ['call pragma_version()', 'only SELECT is allowed here'],
    ['explain select 1', 'only SELECT is allowed here'],
    ['create table t as select 1', 'only SELECT is allowed here'],
    ['insert into t values (1)', 'only SELECT is allowed here'],
    ['select $1', 'a statement has no parameters here'],
    ['select ?', 'a statement has no parameters here'],
  ])('%s', async (text, message) => {
    expect(await parseOne(text)).toMatchObject({ ok: false, reason: 'not-one-select', message })
  })

  test.each(['select 1', 'select 1;', '(select 1)', 'values (1)', 'table t', 'from t', 'with a as (select 1) from a'])(
    '%s is one',
    async text => {
      expect(await parseOne(text)).toMatchObject({ ok: true, text })
    },
  )

  test('a character of code 0 is refused, because what follows it may be run or not', async () => {
    expect(await parseOne('select 1\0; select * from t')).toMatchObject({ ok: false, reason: 'syntax', position: 8 })
  })

  test('a tree that would overflow whoever walks it is refused', async () => {
    const text = `select ${'case when '.repeat(900)}a${' then 1 end'.repeat(900)}`
    expect(await parseOne(text)).toMatchObject({ ok: false, message: 'nested deeper than 1500 levels' })
  })

  test('many texts come back in their order, the bad ones with their reason', async () => {
    const texts = ['select 1', 'select from', 'drop table t', 'select 2']
    const parsed = await parseSelects(list => parser.session().parse(list), texts)
    expect(parsed.map(it => (it.ok ? it.text : it.reason))).toEqual([
      'select 1',
      'syntax',
      'not-one-select',
      'select 2',
    ])
  })
})

describe('places are counted in characters', () => {
  test.each([
    ["select 'ä😀', bar from t", 'bar'],
    ["select 'a', bar from t", 'bar'],
    ["select '日本語' as x,\n  bar from t", 'bar'],
  ])('%s', async (text, word) => {
    const { tree } = await parser.select(text)
    expect(nodesAt(tree, 'select_list').at(-1)?.position).toBe(text.indexOf(word))
  })

  test('of a syntax error too', async () => {
    const text = "select 'ä😀' as x, from y z w"
    expect(await parseOne(text)).toMatchObject({ ok: false, position: text.indexOf(' w') + 1 })
  })

  test('a line and a column count from 1, an emoji is one column', () => {
    expect(placeInText('select\n  😀x', 11)).toEqual({ line: 2, column: 4 })
    expect(placeInText('select 1', 0)).toEqual({ line: 1, column: 1 })
  })
})

describe('literals keep their value', () => {
  test.each([
    ['9007199254740993', '9007199254740993'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['1e400', 'Infinity'],
    ['42', '42'],
    ["'1e400 9007199254740993 \\\" Infinity'", '1e400 9007199254740993 \\" Infinity'],
  ])('%s', async (literal, value) => {
    const { tree } = await parser.select(`select ${literal}`)
    expect(JSON.stringify(tree)).toContain(JSON.stringify(value).replace(/^"42"$/, '42'))
  })
})

test('the outermost names are known with their places', async () => {
  const text = 'select a, b + 1 as c, t.d, count(*) from t'
  expect((await parser.select(text)).outputs).toEqual([
    { name: 'a', position: 7 },
    { name: 'c', position: 19 },
    { name: 'd', position: 22 },
  ])
})
