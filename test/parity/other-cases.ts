/** The edges of keys, statements, ages, and of what lies inside columns. */
import type { CaseDataset, CheckCase, Property } from './case.ts'
import { type Body, file, one } from './one.ts'

const tree: CaseDataset = {
  properties: [
    { name: 'id', logicalType: 'integer' },
    { name: 'parent', logicalType: 'integer', relationships: [{ to: 'rows.id' }] },
  ],
  rows: 'select * from (values (1::bigint, null::bigint), (2, 1), (3, 2)) t(id, parent)',
}
const keyed = (
  name: string,
  targets: string,
  sources: string,
  type: string,
  fails: readonly string[] = [],
): CheckCase => ({
  name,
  format: 'parquet',
  datasets: {
    targets: { properties: [{ name: 'id', logicalType: 'integer' }], rows: targets },
    rows: { properties: [{ name: 'a', logicalType: type, relationships: [{ to: 'targets.id' }] }], rows: sources },
  },
  fails,
})
const keys: readonly CheckCase[] = [
  file('a key into its own dataset', 'parquet', tree),
  file(
    'a key into its own dataset that is not there',
    'parquet',
    { ...tree, rows: 'select 1::bigint as id, 7::bigint as parent' },
    ['parent.foreignKey'],
  ),
  keyed('a key into nothing', 'select 1::bigint as id where false', 'select 1::bigint as a', 'integer', [
    'a.foreignKey',
  ]),
  keyed('no key into nothing', 'select 1::bigint as id where false', 'select null::bigint as a', 'integer'),
  keyed('no rows with a key', 'select 1::bigint as id', 'select 1::bigint as a where false', 'integer'),
]

const statement = (name: string, query: string, threshold: Body, fails: readonly string[] = []): CheckCase =>
  one(name, {
    property: { logicalType: 'integer' },
    quality: [{ id: 'check', type: 'sql', query, ...threshold }],
    type: 'BIGINT',
    values: ['1', '2', 'null'],
    fails,
  })
const statements: readonly CheckCase[] = [
  statement('a sum in range', 'select sum(a) from ${table}', { mustBeBetween: [3, 4] }),
  statement('a sum out of range', 'select sum(a) from {object}', { mustNotBeBetween: [3, 4] }, ['check']),
  statement('a mean', 'select avg(a) from ${table}', { mustBe: 1.5 }),
  statement('no value at all', 'select max(a) from ${table} where a > 5', { mustBeLessThan: 9 }, ['check']),
  statement('no row at all', 'select a from ${table} where a > 5', { mustBeGreaterThan: 0 }, ['check']),
  statement('a text', "select min('x') from ${table}", { mustBe: 'x' }),
  statement('a truth', 'select bool_and(a > 0) from ${table}', { mustBe: true }),
  statement('a text that it must not be', "select min('x') from ${table}", { mustNotBe: 'x' }, ['check']),
  statement('a column that is not there', 'select max(b) from ${table}', { mustBe: 0 }, ['check']),
  statement('two statements', 'select 0; select 1', { mustBe: 0 }, ['check']),
]

const aged = (name: string, type: string, value: string, promise: Body, fails: readonly string[] = []): CheckCase => ({
  ...one(name, {
    property: { logicalType: type === 'DATE' ? 'date' : 'timestamp' },
    type,
    values: value === '' ? [] : [value],
    fails,
  }),
  promises: [{ element: 'rows.a', ...promise }],
})
const ages: readonly CheckCase[] = [
  aged('a day that is fresh', 'DATE', 'today()', { property: 'freshness', value: 2, unit: 'd' }),
  aged('a day that is not fresh', 'DATE', 'today() - 3', { property: 'freshness', value: 2, unit: 'd' }, [
    'a.freshness',
  ]),
  aged('an instant to come', 'TIMESTAMP', "now()::timestamp + interval '1 day'", {
    property: 'freshness',
    value: 1,
    unit: 'h',
  }),
  aged('fresh without rows', 'TIMESTAMP', '', { property: 'freshness', value: 1, unit: 'h' }, ['a.freshness']),
  aged('kept without rows', 'TIMESTAMP', '', { property: 'retention', value: 1, unit: 'y' }, ['a.retention']),
  aged(
    'minutes of freshness',
    'TIMESTAMP',
    "now()::timestamp - interval '10 minutes'",
    { property: 'freshness', value: 5, unit: 'min' },
    ['a.freshness'],
  ),
  aged('years of retention', 'DATE', 'today() - 364', { property: 'retention', value: 1, unit: 'y' }),
  aged('retention of ISO 8601', 'DATE', 'today() - 40', { property: 'retention', value: 'P1M' }, ['a.retention']),
]

const object = (properties: readonly Body[], more: Body = {}): Property => ({
  logicalType: 'object',
  properties,
  ...more,
})
const list = (items: Body, more: Body = {}): Property => ({ logicalType: 'array', items, ...more })
const nested: readonly CheckCase[] = [
  one('a member of what is not there', {
    property: object([{ name: 'b', logicalType: 'string', required: true }]),
    type: 'STRUCT(b VARCHAR)',
    values: ['null', "{b: 'x'}"],
  }),
  one('a structure that is not there', {
    property: object([{ name: 'b', logicalType: 'string' }], { required: true }),
    type: 'STRUCT(b VARCHAR)',
    values: ['null'],
    fails: ['a.required'],
  }),
  one('a member that is unique', {
    property: object([{ name: 'b', logicalType: 'string', unique: true }]),
    type: 'STRUCT(b VARCHAR)',
    values: ["{b: 'x'}", "{b: 'x'}"],
    fails: ['a.b.unique'],
  }),
  one('nulls of a member', {
    property: object([
      { name: 'b', logicalType: 'string', quality: [{ id: 'check', metric: 'nullValues', mustBe: 1 }] },
    ]),
    type: 'STRUCT(b VARCHAR)',
    values: ['null', '{b: null}'],
  }),
  one('items that are NULL', {
    property: list({ logicalType: 'integer', required: true }),
    type: 'BIGINT[]',
    values: ['[1, null]'],
    fails: ['a[].required'],
  }),
  one('members of items that are NULL', {
    property: list({ logicalType: 'object', properties: [{ name: 'b', logicalType: 'string', required: true }] }),
    type: 'STRUCT(b VARCHAR)[]',
    values: ['[null]'],
  }),
  one('items among values', {
    property: list({ logicalType: 'string', enum: [{ value: 'x' }, { value: 'y' }] }),
    type: 'VARCHAR[]',
    values: ["['x', 'y']", "['z']"],
    fails: ['a[].enum'],
  }),
  one('items twice in a row', {
    property: list({ logicalType: 'object', properties: [{ name: 'b', logicalType: 'string', unique: true }] }),
    type: 'STRUCT(b VARCHAR)[]',
    values: ["[{b: 'x'}, {b: 'x'}]"],
    fails: ['a[].b.unique'],
  }),
  one('items once in each row', {
    property: list({ logicalType: 'string', unique: true }),
    type: 'VARCHAR[]',
    values: ["['x']", "['x', 'y']"],
  }),
  one('two items without a value', {
    property: list({ logicalType: 'string', unique: true }),
    type: 'VARCHAR[]',
    values: ['[null, null]'],
  }),
  one('two items without a value in a list of unique items', {
    property: list({ logicalType: 'string' }, { logicalTypeOptions: { uniqueItems: true } }),
    type: 'VARCHAR[]',
    values: ['[null, null]'],
    fails: ['a.uniqueItems'],
  }),
  one('rows with a bad item, counted once', {
    property: list({
      logicalType: 'string',
      quality: [{ id: 'check', metric: 'invalidValues', arguments: { validValues: ['x'] }, mustBe: 1 }],
    }),
    type: 'VARCHAR[]',
    values: ["['z', 'z', 'z']", "['x']"],
  }),
  one('lists of lists', {
    property: list({ logicalType: 'array', items: { logicalType: 'integer', logicalTypeOptions: { minimum: 1 } } }),
    type: 'BIGINT[][]',
    values: ['[[1], [2, 0]]'],
    fails: ['a[][].minimum'],
  }),
  one('lists in structures in lists', {
    property: list({
      logicalType: 'object',
      properties: [
        { name: 'c', logicalType: 'array', items: { logicalType: 'string', logicalTypeOptions: { maxLength: 1 } } },
      ],
    }),
    type: 'STRUCT(c VARCHAR[])[]',
    values: ["[{c: ['x']}, {c: ['xy']}, {c: null}]"],
    fails: ['a[].c[].maxLength'],
  }),
  one('a list of no items in JSON', {
    property: list({ logicalType: 'string' }, { logicalTypeOptions: { minItems: 1 } }),
    type: 'VARCHAR[]',
    values: ['[]', "['x']"],
    fails: ['a.minItems'],
    format: 'json',
  }),
]

export const otherCases: readonly CheckCase[] = [...keys, ...statements, ...ages, ...nested]
