/** The keys of ODCS 3.2 that say checks, relationships and service levels. */
import type { CaseDataset, CheckCase } from './case.ts'
import { pair, rowsOf, type StandardKey } from './standard.ts'

type Body = Readonly<Record<string, unknown>>

const ofColumn = (
  check: Body,
  values: { readonly keep: readonly string[]; readonly broken: readonly string[] },
  name: string,
): CheckCase[] =>
  pair(name, {
    property: { logicalType: 'string', quality: [{ id: 'check', ...check }] },
    type: 'VARCHAR',
    ...values,
    fails: ['check'],
    format: 'parquet',
  })

const ofDataset = (
  check: Body,
  values: { readonly keep: readonly string[]; readonly broken: readonly string[] },
  name: string,
): CheckCase[] =>
  pair(name, {
    property: { logicalType: 'string' },
    quality: [{ id: 'check', ...check }],
    type: 'VARCHAR',
    ...values,
    fails: ['check'],
  })

const nulls = (count: number, filled: number): string[] => [
  ...Array.from({ length: count }, () => 'null'),
  ...Array.from({ length: filled }, (_, index) => `'v${index}'`),
]

const metrics: readonly StandardKey[] = [
  {
    key: 'quality.metric rowCount',
    how: 'the number of rows',
    cases: ofDataset({ metric: 'rowCount', mustBe: 2 }, { keep: ["'a'", "'b'"], broken: ["'a'"] }, 'rowCount'),
  },
  {
    key: 'quality.metric nullValues',
    how: 'rows without a value',
    cases: ofColumn(
      { metric: 'nullValues', mustBe: 0 },
      { keep: ["'a'", "''"], broken: ["'a'", 'null'] },
      'nullValues',
    ),
  },
  {
    key: 'quality.metric missingValues',
    how: 'rows without a value, or with one of `arguments.missingValues`',
    cases: ofColumn(
      { metric: 'missingValues', arguments: { missingValues: [null, 'n/a', '-'] }, mustBe: 0 },
      { keep: ["'a'"], broken: ["'a'", "'n/a'"] },
      'missingValues',
    ),
  },
  {
    key: 'quality.metric invalidValues',
    how: 'rows whose value is none of `arguments.validValues`, is unlike `arguments.pattern`, or is outside `minimum` and `maximum`; NULL is not invalid',
    cases: [
      ...ofColumn(
        { metric: 'invalidValues', arguments: { validValues: ['a', 'b'] }, mustBe: 0 },
        { keep: ["'a'", 'null'], broken: ["'a'", "'c'"] },
        'invalidValues of values',
      ),
      ...ofColumn(
        { metric: 'invalidValues', arguments: { pattern: '^[a-z]+$' }, mustBe: 0 },
        { keep: ["'a'", 'null'], broken: ["'a'", "'C'"] },
        'invalidValues of a pattern',
      ),
    ],
  },
  {
    key: 'quality.metric duplicateValues',
    how: 'rows that repeat the value of an earlier one: a value three times is two; NULL is no value. At a dataset, of the columns in `arguments.properties` together',
    cases: [
      ...ofColumn(
        { metric: 'duplicateValues', mustBe: 0 },
        { keep: ["'a'", "'b'", 'null', 'null'], broken: ["'a'", "'a'"] },
        'duplicateValues',
      ),
      ...ofDataset(
        { metric: 'duplicateValues', arguments: { properties: ['a'] }, mustBe: 0 },
        { keep: ["'a'", "'b'"], broken: ["'a'", "'a'"] },
        'duplicateValues of a dataset',
      ),
    ],
  },
]

/** Of 10 rows two to four are NULL. */
const operators: readonly (readonly [string, unknown, number, number])[] = [
  ['mustBe', 3, 3, 2],
  ['mustNotBe', 3, 2, 3],
  ['mustBeGreaterThan', 2, 3, 2],
  ['mustBeGreaterOrEqualTo', 3, 3, 2],
  ['mustBeLessThan', 3, 2, 3],
  ['mustBeLessOrEqualTo', 3, 3, 4],
  ['mustBeBetween', [2, 3], 3, 4],
  ['mustNotBeBetween', [2, 3], 4, 3],
]

const operatorKeys: readonly StandardKey[] = operators.map(([operator, value, good, bad]) => ({
  key: `quality.${operator}`,
  how: operator.endsWith('Between') ? 'both ends belong to the range' : 'compared exactly',
  cases: ofColumn(
    { metric: 'nullValues', [operator]: value },
    { keep: nulls(good, 10 - good), broken: nulls(bad, 10 - bad) },
    operator,
  ),
}))

const percent: StandardKey = {
  key: 'quality.unit',
  how: '`rows` (also where nothing is said) or `percent` of all rows, exactly: a third is a third. No rows at all are 0 percent',
  cases: [
    ...ofColumn(
      { metric: 'nullValues', unit: 'percent', mustBeLessOrEqualTo: 30 },
      { keep: nulls(3, 7), broken: nulls(4, 6) },
      'percent of nulls',
    ),
    ...ofColumn(
      { metric: 'missingValues', arguments: { missingValues: ['-'] }, unit: 'percent', mustBeLessThan: 30 },
      { keep: ["'-'", "'a'", "'b'", "'c'"], broken: ["'-'", "'a'"] },
      'percent missing',
    ),
    ...ofColumn(
      { metric: 'invalidValues', arguments: { validValues: ['a'] }, unit: 'percent', mustBeBetween: [20, 30] },
      { keep: ["'x'", "'a'", "'a'", "'a'"], broken: ["'a'", "'a'"] },
      'percent invalid',
    ),
    ...ofColumn(
      { metric: 'duplicateValues', unit: 'percent', mustBeLessThan: 50 },
      { keep: ["'a'", "'a'", "'b'"], broken: ["'a'", "'a'"] },
      'percent of duplicates',
    ),
  ],
}

const statements: readonly StandardKey[] = [
  {
    key: 'quality.type sql, query',
    how: 'one SELECT over the dataset whose first value is compared; `${table}`, `${column}` and their like are filled in',
    limits: 'it reads its own dataset and nothing else, and calls what models may call',
    cases: [
      ...ofDataset(
        { type: 'sql', query: 'select count(*) from ${table} where a is null', mustBe: 0 },
        { keep: ["'a'"], broken: ["'a'", 'null'] },
        'sql of a dataset',
      ),
      ...ofColumn(
        { type: 'sql', query: 'select count(distinct ${column}) from ${table}', mustBeGreaterThan: 1 },
        { keep: ["'a'", "'b'"], broken: ["'a'", "'a'"] },
        'sql of a column',
      ),
    ],
  },
  {
    key: 'quality.severity',
    how: 'error (also where nothing is said) keeps a snapshot from being published; warning and info do not. All are judged alike, over all rows',
    cases: ofColumn(
      { metric: 'nullValues', mustBe: 0, severity: 'warning' },
      { keep: ["'a'"], broken: ['null'] },
      'a warning',
    ),
  },
  { key: 'quality.type custom, engine, implementation', how: 'kept and shown as "not run by Weft"', cases: [] },
  { key: 'quality.type text', how: 'kept and shown as "not run by Weft"', cases: [] },
  { key: 'quality.schedule, scheduler', how: 'kept; checks run with every build', cases: [] },
]

const customers: CaseDataset = {
  properties: [
    { name: 'country', logicalType: 'string' },
    { name: 'id', logicalType: 'integer' },
  ],
  rows: "select * from (values ('AT', 1::bigint), ('AT', 2), ('DE', 1)) t(country, id)",
}

const orders = (values: readonly string[], more: Partial<CaseDataset>, columns: readonly Body[] = []): CaseDataset => ({
  properties: [
    { name: 'n', logicalType: 'integer' },
    { name: 'country', logicalType: 'string' },
    { name: 'customer', logicalType: 'integer' },
    ...columns.map(it => ({ name: 'x', ...it })),
  ],
  rows: `select n::bigint as n, country::varchar as country, customer::bigint as customer from (values ${values.join(', ')}) t(n, country, customer) order by n`,
  ...more,
})

const keyCases = (name: string, more: Partial<CaseDataset>, broken: string, id: string): CheckCase[] =>
  [
    { name: `${name} kept`, values: ["(1, 'AT', 2)", "(2, 'DE', 1)", "(3, 'AT', null)"], fails: [] },
    { name: `${name} broken`, values: ["(1, 'AT', 2)", broken], fails: [id] },
  ].map(it => ({
    name: it.name,
    format: 'parquet',
    datasets: { customers, orders: orders(it.values, more) },
    fails: it.fails,
  }))

const relationships: readonly StandardKey[] = [
  {
    key: 'property.relationships',
    how: 'every value that is no NULL is in the column that it points to, of the same contract or of another one (what is served of it)',
    limits: 'a key into what nobody has published is an error of the check',
    cases: keyCases(
      'a key at a column',
      {
        properties: [
          { name: 'n', logicalType: 'integer' },
          { name: 'country', logicalType: 'string' },
          { name: 'customer', logicalType: 'integer', relationships: [{ to: 'customers.id' }] },
        ],
      },
      "(2, 'DE', 3)",
      'customer.foreignKey',
    ),
  },
  {
    key: 'schema.relationships',
    how: 'one column, or several together; a key with a part that is NULL points to nothing. From items of a list, each item',
    cases: [
      ...keyCases(
        'a key at a dataset',
        { relationships: [{ from: 'orders.customer', to: 'customers.id' }] },
        "(2, 'DE', 3)",
        'customer.foreignKey',
      ),
      ...keyCases(
        'a composite key',
        { relationships: [{ from: ['orders.country', 'orders.customer'], to: ['customers.country', 'customers.id'] }] },
        "(2, 'DE', 2)",
        'country+customer.foreignKey',
      ),
      ...(['[1, 2]', '[1, 3]'] as const).map(
        (items, index): CheckCase => ({
          name: `keys in a list ${index === 0 ? 'kept' : 'broken'}`,
          format: 'parquet',
          datasets: {
            customers,
            rows: {
              properties: [
                { name: 'n', logicalType: 'integer' },
                {
                  name: 'a',
                  logicalType: 'array',
                  items: { logicalType: 'integer', relationships: [{ to: 'customers.id' }] },
                },
              ],
              rows: rowsOf([items, 'null', '[]'], 'BIGINT[]'),
            },
          },
          fails: index === 0 ? [] : ['a[].foreignKey'],
        }),
      ),
    ],
  },
]

/** Instants of a column that lie so many hours before now. */
const hoursAgo = (hours: readonly number[]): string[] => hours.map(it => `(now()::timestamp - interval '${it} hours')`)

const promiseCases = (
  name: string,
  promise: Body,
  good: readonly number[],
  bad: readonly number[],
  id: string,
): CheckCase[] =>
  [
    { name: `${name} kept`, hours: good, fails: [] },
    { name: `${name} broken`, hours: bad, fails: [id] },
  ].map(it => ({
    name: it.name,
    format: 'parquet',
    datasets: {
      rows: {
        properties: [
          { name: 'n', logicalType: 'integer' },
          { name: 'a', logicalType: 'timestamp' },
        ],
        rows: rowsOf(hoursAgo(it.hours), 'TIMESTAMP'),
      },
    },
    promises: [{ element: 'rows.a', ...promise }],
    fails: it.fails,
  }))

const promises: readonly StandardKey[] = [
  {
    key: 'slaProperties freshness, latency',
    how: 'the newest instant of the element is at most so old; it warns',
    limits: 'of an element that is dataset.column; a promise without one is not about rows',
    cases: [
      ...promiseCases('freshness', { property: 'freshness', value: 24, unit: 'h' }, [1, 900], [25, 900], 'a.freshness'),
      ...promiseCases('latency', { property: 'latency', value: 'P1DT12H' }, [35], [37], 'a.freshness'),
    ],
  },
  {
    key: 'slaProperties retention',
    how: 'the oldest instant of the element is at most so old; it warns',
    limits: 'a month has 30 days, a year 365',
    cases: promiseCases(
      'retention',
      { property: 'retention', value: 30, unit: 'd' },
      [1, 719],
      [1, 721],
      'a.retention',
    ),
  },
  {
    key: 'slaProperties frequency',
    how: 'no two instants of the element that follow each other are farther apart; it warns',
    limits: 'from the newest instant to now is freshness, not frequency',
    cases: promiseCases(
      'frequency',
      { property: 'frequency', value: 1, unit: 'd' },
      [0, 24, 30, 54],
      [0, 24, 49],
      'a.frequency',
    ),
  },
  {
    key: 'slaProperties generalAvailability, endOfSupport, endOfLife, availability, throughput, errorRate and others',
    how: 'not a promise that rows can break: kept and shown',
    cases: [],
  },
]

export const checkKeys: readonly StandardKey[] = [
  ...metrics,
  ...operatorKeys,
  percent,
  ...statements,
  ...relationships,
  ...promises,
]
