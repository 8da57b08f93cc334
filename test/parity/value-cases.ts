/** The edges of single values: none at all, other scripts, decimals, moments, repeats, files that do not fit. */
import type { CheckCase, Property } from './case.ts'
import { check, file, number, one, text } from './one.ts'
import { rowsOf } from './standard.ts'

const everything: readonly Property[] = [
  { name: 'n', logicalType: 'integer', primaryKey: true, logicalTypeOptions: { minimum: 1, maximum: 9 } },
  {
    name: 'a',
    logicalType: 'string',
    required: true,
    unique: true,
    enum: [{ value: 'x' }],
    logicalTypeOptions: { minLength: 1, maxLength: 2, pattern: 'x' },
    quality: [
      { metric: 'nullValues', mustBe: 0 },
      { metric: 'invalidValues', arguments: { validValues: ['x'] }, unit: 'percent', mustBeLessThan: 1 },
    ],
  },
]

const empty: readonly CheckCase[] = (['csv', 'parquet'] as const).flatMap(format => [
  file(`no rows in ${format}`, format, { properties: everything, rows: rowsOf([], 'VARCHAR') }),
  file(
    `no rows where some must be in ${format}`,
    format,
    {
      properties: everything,
      quality: [{ id: 'check', metric: 'rowCount', mustBeGreaterThan: 0 }],
      rows: rowsOf([], 'VARCHAR'),
    },
    ['check'],
  ),
])

const unicode: readonly CheckCase[] = [
  one('one emoji is one character', { property: text({ maxLength: 1 }), type: 'VARCHAR', values: ["'👍'", "'ß'"] }),
  one('a letter and its accent are two characters', {
    property: text({ maxLength: 1 }),
    type: 'VARCHAR',
    values: ["'e' || chr(769)"],
    fails: ['a.maxLength'],
  }),
  one('values in other scripts', {
    property: { logicalType: 'string', enum: [{ value: '東京' }, { value: 'Зарт' }] },
    type: 'VARCHAR',
    values: ["'東京'", "'Зарт'"],
    format: 'csv',
  }),
  one('values that differ by an accent', {
    property: { logicalType: 'string', enum: [{ value: 'Zoe' }] },
    type: 'VARCHAR',
    values: ["'Zoë'"],
    fails: ['a.enum'],
    format: 'csv',
  }),
  one('a pattern of letters beyond ASCII', {
    property: text({ pattern: '^[äöü]+$' }),
    type: 'VARCHAR',
    values: ["'äö'", "'ao'"],
    fails: ['a.pattern'],
  }),
  file(
    'a column with a name in another script',
    'parquet',
    {
      properties: [{ name: 'größe', logicalType: 'integer', required: true }],
      rows: 'select 1::bigint as "größe" union all select null',
    },
    ['größe.required'],
  ),
  one('quotes, line ends and commas in CSV', {
    property: text({ maxLength: 5 }, { required: true }),
    type: 'VARCHAR',
    values: ["'a,b'", '\'"q"\'', "'o''k'"],
    format: 'csv',
  }),
]

const decimal = { logicalType: 'number', physicalType: 'DECIMAL(10,2)' } as const
const decimals: readonly CheckCase[] = [
  one('a decimal at its minimum', {
    property: { ...decimal, logicalTypeOptions: { minimum: 0.1 } },
    type: 'DECIMAL(10,2)',
    values: ['0.10', '0.11', 'null'],
  }),
  one('a decimal below its minimum', {
    property: { ...decimal, logicalTypeOptions: { minimum: 0.1 } },
    type: 'DECIMAL(10,2)',
    values: ['0.09'],
    fails: ['a.minimum'],
  }),
  one('a decimal at its exclusive maximum', {
    property: { ...decimal, logicalTypeOptions: { exclusiveMaximum: 99.99 } },
    type: 'DECIMAL(10,2)',
    values: ['99.98', '99.99'],
    fails: ['a.exclusiveMaximum'],
  }),
  one('a bound between two decimals', {
    property: { ...decimal, logicalTypeOptions: { minimum: 0.105, maximum: 0.115 } },
    type: 'DECIMAL(10,2)',
    values: ['0.11'],
  }),
  one('a decimal among values', {
    property: { ...decimal, enum: [{ value: 1.5 }, { value: 2.25 }] },
    type: 'DECIMAL(10,2)',
    values: ['1.50', '2.25', 'null'],
  }),
  one('a decimal that is none of the values', {
    property: { ...decimal, enum: [{ value: 1.5 }] },
    type: 'DECIMAL(10,2)',
    values: ['1.51'],
    fails: ['a.enum'],
  }),
  one('a floating number beside its bound', {
    property: { logicalType: 'number', logicalTypeOptions: { maximum: 0.3 } },
    type: 'DOUBLE',
    values: ['0.1::double + 0.2::double'],
    fails: ['a.maximum'],
  }),
  one('infinity above a maximum', {
    property: { logicalType: 'number', logicalTypeOptions: { maximum: 10 } },
    type: 'DOUBLE',
    values: ["'inf'"],
    fails: ['a.maximum'],
  }),
  one('no number at all below a minimum', {
    property: { logicalType: 'number', logicalTypeOptions: { minimum: 10 } },
    type: 'DOUBLE',
    values: ["'nan'"],
    fails: ['a.minimum'],
  }),
  one('negative zero', {
    property: { logicalType: 'number', logicalTypeOptions: { minimum: 0 } },
    type: 'DOUBLE',
    values: ['-0.0'],
  }),
  one('a large whole number at its bound', {
    property: { logicalType: 'integer', logicalTypeOptions: { minimum: 9007199254740991 } },
    type: 'BIGINT',
    values: ['9007199254740991'],
  }),
  one('a large whole number below its bound', {
    property: { logicalType: 'integer', logicalTypeOptions: { minimum: 9007199254740991 } },
    type: 'BIGINT',
    values: ['9007199254740990'],
    fails: ['a.minimum'],
  }),
  one('a fraction as the bound of whole numbers', {
    property: { logicalType: 'integer', logicalTypeOptions: { minimum: 1.5, maximum: 2.5 } },
    type: 'BIGINT',
    values: ['2'],
  }),
  one('a whole number beside a fraction', {
    property: { logicalType: 'integer', logicalTypeOptions: { minimum: 1.5 } },
    type: 'BIGINT',
    values: ['1'],
    fails: ['a.minimum'],
  }),
]

const moments: readonly CheckCase[] = [
  one('an instant a microsecond below its bound', {
    property: { logicalType: 'timestamp', logicalTypeOptions: { minimum: '2024-03-01T12:00:00Z' } },
    type: 'TIMESTAMP',
    values: ["'2024-03-01 11:59:59.999999'"],
    fails: ['a.minimum'],
  }),
  one('an instant at the bound of another zone', {
    property: {
      logicalType: 'timestamp',
      logicalTypeOptions: { minimum: '2024-03-01T14:00:00+02:00', timezone: true },
    },
    type: 'TIMESTAMPTZ',
    values: ["'2024-03-01 12:00:00+00'", "'2024-03-01 13:00:00+01'"],
  }),
  one('an instant below the bound of another zone', {
    property: {
      logicalType: 'timestamp',
      logicalTypeOptions: { minimum: '2024-03-01T14:00:00+02:00', timezone: true },
    },
    type: 'TIMESTAMPTZ',
    values: ["'2024-03-01 11:59:59+00'"],
    fails: ['a.minimum'],
  }),
  one('a day as the bound of instants', {
    property: { logicalType: 'timestamp', logicalTypeOptions: { maximum: '2024-03-01' } },
    type: 'TIMESTAMP',
    values: ["'2024-03-01 00:00:00'"],
  }),
  one('an instant after a day as its bound', {
    property: { logicalType: 'timestamp', logicalTypeOptions: { maximum: '2024-03-01' } },
    type: 'TIMESTAMP',
    values: ["'2024-03-01 00:00:01'"],
    fails: ['a.maximum'],
  }),
  one('days before our time', {
    property: { logicalType: 'date', logicalTypeOptions: { minimum: '1900-01-01' } },
    type: 'DATE',
    values: ["'1900-01-01'", "'1899-12-31'"],
    fails: ['a.minimum'],
    format: 'csv',
  }),
  one('a day among values', {
    property: { logicalType: 'date', enum: [{ value: '2024-02-29' }] },
    type: 'DATE',
    values: ["'2024-02-29'"],
  }),
]

const repeats: readonly CheckCase[] = [
  one('three of a kind are two repeats', {
    property: check({ metric: 'duplicateValues', mustBe: 2 }),
    type: 'VARCHAR',
    values: ["'a'", "'a'", "'a'"],
  }),
  one('two pairs are two repeats', {
    property: check({ metric: 'duplicateValues', mustBe: 2 }),
    type: 'VARCHAR',
    values: ["'a'", "'a'", "'b'", "'b'"],
  }),
  one('case and spaces tell values apart', {
    property: { logicalType: 'string', unique: true },
    type: 'VARCHAR',
    values: ["'a'", "'A'", "'a '"],
    format: 'csv',
  }),
  one('a key without a value', {
    property: { logicalType: 'string', primaryKey: true },
    type: 'VARCHAR',
    values: ["'a'", 'null'],
    fails: ['primaryKey'],
  }),
  file(
    'a part of a key without a value',
    'parquet',
    {
      properties: [
        { name: 'a', logicalType: 'integer', primaryKey: true },
        { name: 'b', logicalType: 'integer', primaryKey: true },
      ],
      rows: 'select 1::bigint as a, null::bigint as b union all select 1, 2',
    },
    ['primaryKey'],
  ),
  file(
    'repeats of two columns',
    'parquet',
    {
      properties: [number, { name: 'a', logicalType: 'string' }],
      quality: [{ id: 'check', metric: 'duplicateValues', arguments: { properties: ['n', 'a'] }, mustBe: 0 }],
      rows: "select * from (values (1::bigint, 'x'), (1, 'y'), (1, 'x')) t(n, a)",
    },
    ['check'],
  ),
  file('no repeats of two columns, one of them NULL', 'parquet', {
    properties: [number, { name: 'a', logicalType: 'string' }],
    quality: [{ id: 'check', metric: 'duplicateValues', arguments: { properties: ['n', 'a'] }, mustBe: 0 }],
    rows: "select * from (values (1::bigint, 'x'), (1, null), (1, null)) t(n, a)",
  }),
]

const values: readonly CheckCase[] = [
  one('an empty text in Parquet is a value', {
    property: { logicalType: 'string', required: true },
    type: 'VARCHAR',
    values: ["''"],
  }),
  one('an empty text in CSV', {
    property: { logicalType: 'string', required: true },
    type: 'VARCHAR',
    values: ["''", "'a'"],
    format: 'csv',
    fails: ['a.required'],
  }),
  one('missing values that are numbers', {
    property: check(
      { metric: 'missingValues', arguments: { missingValues: [-1, 0] }, mustBe: 2 },
      { logicalType: 'integer' },
    ),
    type: 'BIGINT',
    values: ['-1', '0', '1'],
  }),
  one('missing values that say no list', {
    property: check({ metric: 'missingValues', mustBe: 1 }),
    type: 'VARCHAR',
    values: ["''", 'null'],
  }),
  one('valid values with NULL among them', {
    property: check({ metric: 'invalidValues', arguments: { validValues: ['a', null] }, mustBe: 0 }),
    type: 'VARCHAR',
    values: ["'a'", 'null'],
  }),
  one('valid values and a pattern', {
    property: check({ metric: 'invalidValues', arguments: { validValues: ['a', 'B'], pattern: '^[a-z]$' }, mustBe: 1 }),
    type: 'VARCHAR',
    values: ["'a'", "'B'"],
  }),
  one('valid numbers', {
    property: check(
      { metric: 'invalidValues', arguments: { validValues: [1, 2] }, mustBe: 1 },
      { logicalType: 'integer' },
    ),
    type: 'BIGINT',
    values: ['1', '3', 'null'],
  }),
  one('a range of invalid values', {
    property: check(
      { metric: 'invalidValues', arguments: { minimum: 1, maximum: 2 }, mustBe: 0 },
      { logicalType: 'integer' },
    ),
    type: 'BIGINT',
    values: ['1', '2'],
  }),
  one('a third is less than 33.4 percent', {
    property: check({ metric: 'nullValues', unit: 'percent', mustBeLessThan: 33.4 }),
    type: 'VARCHAR',
    values: ['null', "'a'", "'b'"],
  }),
  one('a third is not 33.333333 percent', {
    property: check({ metric: 'nullValues', unit: 'percent', mustBeLessOrEqualTo: 33.333333 }),
    type: 'VARCHAR',
    values: ['null', "'a'", "'b'"],
    fails: ['check'],
  }),
  one('a third is more than 33.3 percent', {
    property: check({ metric: 'nullValues', unit: '%', mustBeGreaterThan: 33.3 }),
    type: 'VARCHAR',
    values: ['null', "'a'", "'b'"],
  }),
  one('whole numbers among values', {
    property: { logicalType: 'integer', enum: [{ value: 1 }, { value: 2 }] },
    type: 'BIGINT',
    values: ['1', '3'],
    fails: ['a.enum'],
    format: 'csv',
  }),
  one('a truth among values', {
    property: { logicalType: 'boolean', enum: [{ value: true }] },
    type: 'BOOLEAN',
    values: ['true', 'false'],
    fails: ['a.enum'],
  }),
  one('a pattern anywhere in a text', {
    property: text({ pattern: 'b+' }),
    type: 'VARCHAR',
    values: ["'abba'", "'aca'"],
    fails: ['a.pattern'],
    format: 'csv',
  }),
  one('an empty text below a length', {
    property: text({ minLength: 1 }),
    type: 'VARCHAR',
    values: ["''"],
    fails: ['a.minLength'],
  }),
  one('a text of digits in CSV keeps its zeros', {
    property: text({ minLength: 3 }),
    type: 'VARCHAR',
    values: ["'007'", "'010'"],
    format: 'csv',
  }),
  one('a text like a truth in CSV stays as it is', {
    property: { logicalType: 'string', enum: [{ value: 'TRUE' }] },
    type: 'VARCHAR',
    values: ["'TRUE'"],
    format: 'csv',
  }),
  one('a low severity that fails', {
    property: check({ metric: 'nullValues', mustBe: 0, severity: 'info' }),
    type: 'VARCHAR',
    values: ['null'],
    fails: ['check'],
  }),
]

const files: readonly CheckCase[] = [
  file('a column under its physical name', 'csv', {
    properties: [{ ...number, physicalName: 'N_NO' }],
    text: 'N_NO\n1\n',
  }),
  file('a word where a number is meant', 'csv', { properties: [number], text: 'n\n1\nmany\n' }),
  file('a column that the file does not have', 'csv', {
    properties: [number, { name: 'a', logicalType: 'string' }],
    text: 'n\n1\n',
  }),
  file('a column that the contract does not have', 'csv', { properties: [number], text: 'n,more\n1,2\n' }),
  file(
    'columns in another order',
    'csv',
    { properties: [number, { name: 'a', logicalType: 'string', required: true }], text: 'a,n\nx,1\n,2\n' },
    ['a.required'],
  ),
  file('a fraction where a whole number is meant', 'csv', { properties: [number], text: 'n\n1.5\n' }),
  file('more digits than a decimal keeps', 'csv', {
    properties: [number, { name: 'a', ...decimal }],
    text: 'n,a\n1,2.555\n',
  }),
  file('a column that the Parquet file does not have', 'parquet', {
    properties: [number, { name: 'a', logicalType: 'string' }],
    rows: 'select 1::bigint as n',
  }),
  file('a Parquet file with a column more', 'parquet', {
    properties: [number],
    rows: 'select 1::bigint as n, 2 as more',
  }),
  file(
    'a smaller type in Parquet',
    'parquet',
    {
      properties: [{ name: 'n', logicalType: 'integer', logicalTypeOptions: { maximum: 5 } }],
      rows: 'select 6::smallint as n',
    },
    ['n.maximum'],
  ),
  file('a word in Parquet where a number is meant', 'parquet', { properties: [number], rows: "select 'many' as n" }),
]

export const valueCases: readonly CheckCase[] = [...empty, ...unicode, ...decimals, ...moments, ...repeats, ...values]
export const fileCases: readonly CheckCase[] = files
