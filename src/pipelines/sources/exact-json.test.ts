/** Numbers of JSON arrive with all of their digits, however deep they stand. */
import { describe, expect, it } from 'vitest'
import { longNumbersAsTexts, recordShape } from './exact-json.ts'
import { useLanding } from './landing.suite.ts'

const at = useLanding()

const land = async (text: string, columns: readonly string[]) => at().land([await at().file('a.json', text)], columns)

const deep =
  'STRUCT(lines STRUCT(price DECIMAL(20,2), big BIGINT, huge DECIMAL(38,0), part DOUBLE, t VARCHAR)[], rates MAP(VARCHAR, DECIMAL(20,10)))'

describe('a long number', () => {
  it('is exact three deep, in lists, structures and maps', async () => {
    const line =
      '{"price":12345678901234567.89,"big":9007199254740993,"huge":-12345678901234567890123456789012345678,"part":0.1234567890123456789,"t":1.23456789012345678}'
    const text = `[{"id":1,"o":{"lines":[${line},{"price":1e2}],"rates":{"a":1234567890.1234567890,"b":"0.5"}}},{"id":2,"o":null}]`

    const landed = await land(text, ['id BIGINT', `o ${deep}`])

    const none = { big: null, huge: null, part: null, t: null }
    expect((await at().rows(landed)).map(it => it.o)).toEqual([
      {
        lines: [
          {
            price: '12345678901234567.89',
            big: 9007199254740993n,
            huge: '-12345678901234567890123456789012345678',
            part: 0.12345678901234568,
            t: '1.23456789012345678',
          },
          { price: '100.00', ...none },
        ],
        rates: expect.anything(),
      },
      null,
    ])
    await at().session.define(['landed'], landed.relation)
    expect(
      await at().session.rows(
        "select (o.rates['a'])::varchar as a, (o.rates['b'])::varchar as b from landed where id = 1",
      ),
    ).toEqual([{ a: '1234567890.1234567890', b: '0.5000000000' }])
  })

  it('is exact in a column', async () => {
    const landed = await land('{"d":12345678901234567.89,"h":-170141183460469231731687303715884105728}', [
      'd DECIMAL(20,2)',
      'h HUGEINT',
    ])
    expect(await at().rows(landed)).toMatchObject([
      { d: '12345678901234567.89', h: -170141183460469231731687303715884105728n },
    ])
  })

  it.each([
    ['a fraction', '[{"o":{"l":[{"n":15076.5}]}}]', 'o STRUCT(l STRUCT(n INTEGER)[])'],
    ['a digit too many', '[{"o":{"l":[{"n":2.555}]}}]', 'o STRUCT(l STRUCT(n DECIMAL(9,2))[])'],
    ['a digit too many in a map', '[{"o":{"k":2.555}}]', 'o MAP(VARCHAR, DECIMAL(9,2))'],
  ])('with %s within an object is refused, and not rounded', async (_, text, column) => {
    await expect(land(text, [column])).rejects.toMatchObject({
      code: 'engine.bad-file',
      message: expect.stringMatching(/^column o holds what is no /),
    })
  })

  it('stays a number in what is kept as a text', async () => {
    const line =
      '{"id":9007199254740993,"t":{"id":12345678901234567,"l":[1234567890123456789]},"o":{"n":9007199254740993,"t":[12345678901234567,{"a":"12345678901234567"}]},"j":12345678901234567}'
    const landed = await land(`${line}\n${line}`, [
      'id BIGINT',
      't VARCHAR',
      'o STRUCT(n BIGINT, t VARCHAR)',
      'j VARCHAR',
    ])
    const row = {
      id: 9007199254740993n,
      t: '{"id":12345678901234567,"l":[1234567890123456789]}',
      o: { n: 9007199254740993n, t: '[12345678901234567,{"a":"12345678901234567"}]' },
      j: '12345678901234567',
    }
    expect(await at().rows(landed)).toMatchObject([row, row])
  })

  it('has the names that files use inside of objects', async () => {
    const stored = 'STRUCT("Unit Price" DECIMAL(20,2), l STRUCT("Big No" BIGINT)[])'
    const type = 'STRUCT(unit_price DECIMAL(20,2), l STRUCT(big BIGINT)[])'
    const file = await at().file(
      'a.json',
      '{"o":{"Unit Price":12345678901234567.89,"l":[{"Big No":9007199254740993},{"big":1}]}}',
    )
    const landed = await at().land([file], [`o ${type} inside ${stored}`])
    expect(await at().rows(landed)).toMatchObject([
      { o: { unit_price: '12345678901234567.89', l: [{ big: 9007199254740993n }, { big: 1 }] } },
    ])
  })
})

it.each([
  ['with a mark at its beginning', '\uFEFF[{"id":1}]', undefined],
  ['that is cut', '{"id":1}\n{"id":2', 'a.json, line 3: byte 8 is no JSON (unexpected end of data)'],
  [
    'with a value of another type',
    '{"id":1}\n{"id":2,"o":"secret7"}',
    'a.json, line 2: a value is not of its declared type',
  ],
])('a file %s is read, or told with its record and without its values', async (_, text, message) => {
  const landing = land(text, ['id INTEGER', 'o STRUCT(a INTEGER)'])
  if (message === undefined) expect((await landing).files).toMatchObject([{ rows: 1 }])
  else await expect(landing).rejects.toMatchObject({ code: 'engine.bad-file', message })
})

describe('long numbers as texts', () => {
  const record = recordShape(
    ['a\\', 'a', 'b', 'c'].map(name => ({ name, type: name === 'c' ? 'DECIMAL(38,10)[]' : 'VARCHAR' })),
  )
  const whole = String.raw`{"a\\":12345678901234567.89,"b":"x\"1234567890123456789","c":[-0.12345678901234567e-3,1234567890123456]}`
  const expected = String.raw`{"a\\":"12345678901234567.89","b":"x\"1234567890123456789","c":["-0.12345678901234567e-3","1234567890123456"]}`

  it('are the same wherever blocks are cut', async () => {
    const bytes = Buffer.from(`\uFEFF${whole}`)
    for (let size = 1; size <= bytes.length; size++) {
      const blocks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      )
      const parts: Buffer[] = []
      for await (const part of longNumbersAsTexts(streamOf(blocks), record)) parts.push(part)
      expect(Buffer.concat(parts).toString()).toBe(expected)
    }
  })

  it('are found in no time where a text is all digits', async () => {
    const blocks = [Buffer.from(`{"a":"${'0'.repeat(300_000)}`), Buffer.from('","b":1234567890123456}')]
    const parts: Buffer[] = []
    for await (const part of longNumbersAsTexts(streamOf(blocks), record)) parts.push(part)
    expect(Buffer.concat(parts).toString()).toBe(`{"a":"${'0'.repeat(300_000)}","b":"1234567890123456"}`)
  })
})

async function* streamOf(blocks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* blocks
}
