import { describe, expect, test } from 'vitest'
import { lenientContract } from './contract-lenient.ts'

/** The body that was read, and of each remark where it is and what it expects. */
const read = (body: object): { body: unknown; remarks: string[] } => {
  const { body: mended, remarks } = lenientContract(body)
  return { body: mended, remarks: remarks.map(it => `${it.path.join('.')}: ${it.expected}`) }
}
const column = (keys: object): object => ({ schema: [{ name: 'a', properties: [{ name: 'b', ...keys }] }] })
const check = (keys: object): object => ({ schema: [{ name: 'a', quality: [keys] }] })

describe('contracts as they are found', () => {
  test('a contract of the newest form stays as it is', () => {
    const body = {
      apiVersion: 'v3.2.0',
      team: { name: 't', members: [] },
      schema: [{ name: 'a', quality: [{ metric: 'rowCount', mustBeGreaterThan: 0 }] }],
      slaProperties: [{ property: 'latency', value: 4, unit: 'h', element: 'a.b' }],
    }
    expect(lenientContract(body)).toEqual({ body, remarks: [] })
  })

  test('what was given is not changed', () => {
    const body = Object.freeze(column(Object.freeze({ isNullable: true })))
    lenientContract(body)
    expect(body).toEqual(column({ isNullable: true }))
  })

  test.each([
    [{ isNullable: true }, { required: false }, 'isNullable: required'],
    [{ nullable: false }, { required: true }, 'nullable: required'],
    [{ isPrimary: true }, { primaryKey: true }, 'isPrimary: primaryKey'],
    [{ isUnique: true }, { unique: true }, 'isUnique: unique'],
    [{ sampleValues: [1] }, { examples: [1] }, 'sampleValues: examples'],
    [{ logicalType: 'bigint' }, { logicalType: 'integer' }, 'logicalType: integer'],
    [{ tags: 'a, b' }, { tags: ['a', 'b'] }, 'tags: a list'],
    [
      { customProperties: { unit: 'kg' } },
      { customProperties: [{ property: 'unit', value: 'kg' }] },
      'customProperties: a list',
    ],
  ])('a column with %o', (written, mended, remark) => {
    expect(read(column(written))).toEqual({
      body: column(mended),
      remarks: [`schema.0.properties.0.${remark}`],
    })
  })

  test('a column inside a list inside a column', () => {
    const nested = (keys: object): object =>
      column({ logicalType: 'array', items: { logicalType: 'object', properties: [{ name: 'c', ...keys }] } })
    expect(read(nested({ isNullable: false }))).toEqual({
      body: nested({ required: true }),
      remarks: ['schema.0.properties.0.items.properties.0.isNullable: required'],
    })
  })

  test('a type that nobody knows stays, to be refused', () => {
    expect(read(column({ logicalType: 'binary' })).remarks).toEqual([])
  })

  test.each([
    [
      { rule: 'rowCount', mustBe: 5 },
      { metric: 'rowCount', mustBe: 5 },
    ],
    [
      { type: 'library', rule: 'duplicateCount', mustBe: 0 },
      { type: 'library', metric: 'duplicateValues', mustBe: 0 },
    ],
    [{ rule: 'nullCheck' }, { metric: 'nullValues', mustBe: 0 }],
    [{ rule: 'countCheck' }, { metric: 'rowCount', mustBeGreaterThan: 0 }],
    [
      { rule: 'validValues', validValues: ['a'] },
      { metric: 'invalidValues', mustBe: 0, arguments: { validValues: ['a'] } },
    ],
  ])('the check %o of 3.0', (written, mended) => {
    expect(read(check(written))).toEqual({ body: check(mended), remarks: ['schema.0.quality.0.rule: metric'] })
  })

  test('a rule that names no metric stays, to be refused', () => {
    expect(read(check({ rule: 'EXISTS IN customers.id' })).remarks).toEqual([])
    expect(read(check({ type: 'sql', rule: 'rowCount' })).remarks).toEqual([])
  })

  test('operators by their long names', () => {
    expect(read(check({ metric: 'rowCount', mustBeGreaterThanOrEqualTo: 1 })).body).toEqual(
      check({ metric: 'rowCount', mustBeGreaterOrEqualTo: 1 }),
    )
  })

  test('a team as a list of members', () => {
    expect(read({ team: [{ username: 'ann' }] })).toEqual({
      body: { team: { members: [{ username: 'ann' }] } },
      remarks: ['team: team: { name, members }'],
    })
  })

  test('a default element of promises', () => {
    const promises = [
      { property: 'latency', value: 1 },
      { property: 'retention', value: 2, element: 'a.c' },
    ]
    expect(read({ slaDefaultElement: 'a.b', slaProperties: promises })).toEqual({
      body: { slaProperties: [{ ...promises[0], element: 'a.b' }, promises[1]] },
      remarks: ['slaDefaultElement: element of each of slaProperties'],
    })
  })

  test('a promise in m', () => {
    expect(read({ slaProperties: [{ property: 'latency', value: 5, unit: 'm' }] })).toEqual({
      body: { slaProperties: [{ property: 'latency', value: 5, unit: 'min' }] },
      remarks: ['slaProperties.0.unit: min or mo'],
    })
  })

  test.each([
    ['3.1.0', 'v3.1.0'],
    ['v3.2', 'v3.2.0'],
    [3.1, 'v3.1.0'],
  ])('a version written %s', (written, mended) => {
    expect(read({ apiVersion: written })).toEqual({ body: { apiVersion: mended }, remarks: [`apiVersion: ${mended}`] })
  })

  test('a version of which nothing is known stays, to be refused', () => {
    expect(read({ apiVersion: 'v4.0.0' })).toEqual({ body: { apiVersion: 'v4.0.0' }, remarks: [] })
  })

  test('what is no document at all', () => {
    expect(lenientContract(null)).toEqual({ body: null, remarks: [] })
    expect(lenientContract([1])).toEqual({ body: [1], remarks: [] })
  })
})
