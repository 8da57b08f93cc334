/** Every key of ODCS 3.2 that promises something of data: how Weft checks it, up to where, and rows that keep and break it. */
import type { CheckCase, Format, Property } from './case.ts'

export interface StandardKey {
  /** As the standard spells it, with the logical type or the section that it belongs to. */
  readonly key: string
  readonly how: string
  readonly limits?: string
  readonly cases: readonly CheckCase[]
}

type Body = Readonly<Record<string, unknown>>

const number: Property = { name: 'n', logicalType: 'integer' }

/** Rows of a column `a` from SQL values, each with a number, so that no line of a file is empty. */
export const rowsOf = (values: readonly string[], type: string): string =>
  values.length === 0
    ? `select 0::bigint as n, null::${type} as a where false`
    : `select n::bigint as n, v::${type} as a from (values ${values.map((value, index) => `(${index + 1}, (${value})::${type})`).join(', ')}) t(n, v) order by n`

interface Pair {
  readonly property: Property
  /** DuckDB's type of the column. */
  readonly type: string
  readonly keep: readonly string[]
  readonly broken: readonly string[]
  /** The ids of the checks that fail. */
  readonly fails: readonly string[]
  readonly format?: Format
  readonly quality?: readonly Body[]
}

/** A case that passes and one that fails. */
export const pair = (name: string, it: Pair): CheckCase[] => {
  const dataset = (values: readonly string[]) => ({
    properties: [number, { name: 'a', ...it.property }],
    ...(it.quality === undefined ? {} : { quality: it.quality }),
    rows: rowsOf(values, it.type),
  })
  const format = it.format ?? 'csv'
  return [
    { name: `${name} kept`, format, datasets: { rows: dataset(it.keep) }, fails: [] },
    { name: `${name} broken`, format, datasets: { rows: dataset(it.broken) }, fails: it.fails },
  ]
}

const options = (logicalType: string, logicalTypeOptions: Body, more: Body = {}): Property => ({
  logicalType,
  logicalTypeOptions,
  ...more,
})

const key = (name: string, how: string, it: Pair, limits?: string): StandardKey => ({
  key: name,
  how,
  ...(limits === undefined ? {} : { limits }),
  cases: pair(name, it),
})

const strings: readonly StandardKey[] = [
  key('string.minLength', 'characters of each text', {
    property: options('string', { minLength: 3 }),
    type: 'VARCHAR',
    keep: ["'abc'", "'äöü'", 'null'],
    broken: ["'abc'", "'ab'"],
    fails: ['a.minLength'],
  }),
  key('string.maxLength', 'characters of each text, not bytes', {
    property: options('string', { maxLength: 3 }),
    type: 'VARCHAR',
    keep: ["'abc'", "'日本語'", 'null'],
    broken: ["'abc'", "'abcd'"],
    fails: ['a.maxLength'],
  }),
  key(
    'string.pattern',
    'RE2, anywhere in the text unless anchored',
    {
      property: options('string', { pattern: '^[A-Z]{2}[0-9]+$' }),
      type: 'VARCHAR',
      keep: ["'AB1'", "'ZZ999'", 'null'],
      broken: ["'AB1'", "'ab1'"],
      fails: ['a.pattern'],
    },
    'RE2 has no look-around and no back references; a pattern with them is an error of the check',
  ),
  key(
    'string.format',
    'uuid, email, uri, hostname, ipv4, ipv6, date, time, date-time, duration, byte and the like, by the RFCs',
    {
      property: options('string', { format: 'email' }),
      type: 'VARCHAR',
      keep: ["'a@b.example'", 'null'],
      broken: ["'a@b.example'", "'a at b'"],
      fails: ['a.format'],
    },
    'password, binary and regex say how to show a value: every text has them. An unknown name is an error of the check',
  ),
]

const numbers: readonly StandardKey[] = [
  ...(['integer', 'number'] as const).flatMap(type => [
    key(`${type}.minimum`, 'exact, in the type of the column', {
      property: options(type, { minimum: 10 }),
      type: type === 'integer' ? 'BIGINT' : 'DOUBLE',
      keep: ['10', '11', 'null'],
      broken: ['10', '9'],
      fails: ['a.minimum'],
      format: 'parquet',
    }),
    key(`${type}.exclusiveMinimum`, 'exact, in the type of the column', {
      property: options(type, { exclusiveMinimum: 10 }),
      type: type === 'integer' ? 'BIGINT' : 'DOUBLE',
      keep: ['11', 'null'],
      broken: ['11', '10'],
      fails: ['a.exclusiveMinimum'],
    }),
    key(`${type}.maximum`, 'exact, in the type of the column', {
      property: options(type, { maximum: 10 }),
      type: type === 'integer' ? 'BIGINT' : 'DOUBLE',
      keep: ['10', '-11', 'null'],
      broken: ['10', '11'],
      fails: ['a.maximum'],
      format: 'json',
    }),
    key(`${type}.exclusiveMaximum`, 'exact, in the type of the column', {
      property: options(type, { exclusiveMaximum: 10 }),
      type: type === 'integer' ? 'BIGINT' : 'DOUBLE',
      keep: ['9', 'null'],
      broken: ['9', '10'],
      fails: ['a.exclusiveMaximum'],
    }),
    key(`${type}.multipleOf`, 'the remainder is 0; of floating numbers within 1e-9 of the quotient', {
      property: options(type, { multipleOf: 5 }),
      type: type === 'integer' ? 'BIGINT' : 'DOUBLE',
      keep: ['0', '-10', '15', 'null'],
      broken: ['15', '16'],
      fails: ['a.multipleOf'],
      format: 'parquet',
    }),
  ]),
  key(
    'integer.format',
    'i8 to i128 and u8 to u128: the type of the column where the contract names no other, else its range',
    {
      property: options('integer', { format: 'u8' }, { physicalType: 'BIGINT' }),
      type: 'BIGINT',
      keep: ['0', '255', 'null'],
      broken: ['255', '256'],
      fails: ['a.numberFormat'],
    },
  ),
  key('number.format', 'f32 and f64: the type of the column where the contract names no other, else its range', {
    property: options('number', { format: 'f32' }, { physicalType: 'DOUBLE' }),
    type: 'DOUBLE',
    keep: ['1e30', 'null'],
    broken: ['1', '1e39'],
    fails: ['a.numberFormat'],
    format: 'parquet',
  }),
]

const moments: readonly StandardKey[] = [
  ...(
    [
      ['date', 'DATE', "'2024-03-01'", "'2024-03-02'", "'2024-02-29'"],
      ['timestamp', 'TIMESTAMP', "'2024-03-01 12:00:00'", "'2024-03-01 12:00:01'", "'2024-03-01 11:59:59'"],
      ['time', 'TIME', "'12:00:00'", "'12:00:01'", "'11:59:59'"],
    ] as const
  ).flatMap(([type, sql, bound, above, below]) => {
    const text = bound.slice(1, -1).replace(' ', 'T')
    const written = type === 'timestamp' ? `${text}Z` : text
    return [
      key(`${type}.minimum`, 'as a moment; without a zone it is UTC', {
        property: options(type, { minimum: written }),
        type: sql,
        keep: [bound, above, 'null'],
        broken: [bound, below],
        fails: ['a.minimum'],
        format: 'parquet',
      }),
      key(`${type}.exclusiveMinimum`, 'as a moment; without a zone it is UTC', {
        property: options(type, { exclusiveMinimum: written }),
        type: sql,
        keep: [above, 'null'],
        broken: [above, bound],
        fails: ['a.exclusiveMinimum'],
      }),
      key(`${type}.maximum`, 'as a moment; without a zone it is UTC', {
        property: options(type, { maximum: written }),
        type: sql,
        keep: [bound, below, 'null'],
        broken: [bound, above],
        fails: ['a.maximum'],
      }),
      key(`${type}.exclusiveMaximum`, 'as a moment; without a zone it is UTC', {
        property: options(type, { exclusiveMaximum: written }),
        type: sql,
        keep: [below, 'null'],
        broken: [below, bound],
        fails: ['a.exclusiveMaximum'],
        format: 'parquet',
      }),
    ]
  }),
  ...(
    [
      ['date', 'dd.MM.yyyy', "'29.02.2024'", "'30.02.2024'"],
      ['timestamp', "yyyy-MM-dd'T'HH:mm:ss", "'2024-02-29T12:00:00'", "'2024-02-29 12:00:00'"],
      ['time', 'HH:mm', "'23:59'", "'24:01'"],
    ] as const
  ).map(([type, format, good, bad]) =>
    key(
      `${type}.format`,
      'where the column is kept as a text: each is written so, and names a moment that there is',
      {
        property: options(type, { format }, { physicalType: 'VARCHAR' }),
        type: 'VARCHAR',
        keep: [good, 'null'],
        broken: [good, bad],
        fails: ['a.dateFormat'],
      },
      'a column with a type of moments has no format; letters beyond years, months, days, hours, minutes, seconds, fractions, AM and zones are an error of the check',
    ),
  ),
  ...(['timestamp', 'time'] as const).map(type => ({
    key: `${type}.timezone`,
    how: 'the type of the column: with a zone, or without',
    ...(type === 'time' ? { limits: 'no column has times of day with a zone: they are kept as times' } : {}),
    cases: [],
  })),
  ...(['timestamp', 'time'] as const).map(type => ({
    key: `${type}.defaultTimezone`,
    how: 'not a promise that rows can break: it says how to read them',
    limits: 'bounds without a zone are read in UTC',
    cases: [],
  })),
]

const lines: Property = {
  logicalType: 'array',
  items: {
    logicalType: 'object',
    properties: [
      { name: 'sku', logicalType: 'string', required: true, logicalTypeOptions: { pattern: '^S' } },
      { name: 'count', logicalType: 'integer', logicalTypeOptions: { minimum: 1 } },
    ],
  },
}
const linesType = 'STRUCT(sku VARCHAR, count BIGINT)[]'

const nested: readonly StandardKey[] = [
  key('array.minItems', 'items of each list, NULL among them', {
    property: options('array', { minItems: 2 }, { items: { logicalType: 'integer' } }),
    type: 'BIGINT[]',
    keep: ['[1, 2]', 'null'],
    broken: ['[1, 2]', '[1]'],
    fails: ['a.minItems'],
    format: 'parquet',
  }),
  key('array.maxItems', 'items of each list, NULL among them', {
    property: options('array', { maxItems: 2 }, { items: { logicalType: 'integer' } }),
    type: 'BIGINT[]',
    keep: ['[1, 2]', '[]', 'null'],
    broken: ['[1, 2]', '[1, 2, 3]'],
    fails: ['a.maxItems'],
    format: 'json',
  }),
  key(
    'array.uniqueItems',
    'no item twice in one list',
    {
      property: options('array', { uniqueItems: true }, { items: { logicalType: 'integer' } }),
      type: 'BIGINT[]',
      keep: ['[1, 2]', '[]', 'null'],
      broken: ['[1, 2]', '[1, 1]'],
      fails: ['a.uniqueItems'],
      format: 'parquet',
    },
    'two NULLs are an item twice',
  ),
  key('object.minProperties', 'members of the structure that have a value', {
    property: options(
      'object',
      { minProperties: 1 },
      {
        properties: [
          { name: 'b', logicalType: 'integer' },
          { name: 'c', logicalType: 'integer' },
        ],
      },
    ),
    type: 'STRUCT(b BIGINT, c BIGINT)',
    keep: ['{b: 1, c: null}', 'null'],
    broken: ['{b: 1, c: 1}', '{b: null, c: null}'],
    fails: ['a.minProperties'],
    format: 'parquet',
  }),
  key('object.maxProperties', 'members of the structure that have a value', {
    property: options(
      'object',
      { maxProperties: 1 },
      {
        properties: [
          { name: 'b', logicalType: 'integer' },
          { name: 'c', logicalType: 'integer' },
        ],
      },
    ),
    type: 'STRUCT(b BIGINT, c BIGINT)',
    keep: ['{b: 1, c: null}', 'null'],
    broken: ['{b: 1, c: 1}'],
    fails: ['a.maxProperties'],
    format: 'parquet',
  }),
  key('object.required', 'each named member has a value wherever the structure has one', {
    property: options(
      'object',
      { required: ['b'] },
      {
        properties: [
          { name: 'b', logicalType: 'integer' },
          { name: 'c', logicalType: 'integer' },
        ],
      },
    ),
    type: 'STRUCT(b BIGINT, c BIGINT)',
    keep: ['{b: 1, c: null}', 'null'],
    broken: ['{b: 1, c: 1}', '{b: null, c: 1}'],
    fails: ['a.b.required'],
    format: 'parquet',
  }),
  key('vector.dimensions', 'the type of the column, which has room for no other number of them', {
    property: options('vector', { dimensions: 2 }, { physicalType: 'FLOAT[]' }),
    type: 'FLOAT[]',
    keep: ['[1, 0]', 'null'],
    broken: ['[1, 0]', '[1, 0, 0]'],
    fails: ['a.dimensions'],
    format: 'parquet',
  }),
  key('vector.normalized', 'the length of each vector is 1 within a thousandth', {
    property: options('vector', { dimensions: 2, normalized: true }, { physicalType: 'FLOAT[]' }),
    type: 'FLOAT[]',
    keep: ['[0.6, 0.8]', 'null'],
    broken: ['[0.6, 0.8]', '[1, 1]'],
    fails: ['a.normalized'],
    format: 'parquet',
  }),
  {
    key: 'vector.elementType, distanceMetric, embeddingModel, embeddingModelVersion',
    how: 'not a promise that rows can break: they say how to read them',
    cases: [],
  },
  key(
    'property.properties',
    'every key of this page holds for members of structures, at any depth; a member of what is not there is not missing',
    {
      property: {
        logicalType: 'object',
        properties: [
          {
            name: 'city',
            logicalType: 'object',
            properties: [{ name: 'code', logicalType: 'string', required: true, logicalTypeOptions: { maxLength: 2 } }],
          },
        ],
      },
      type: 'STRUCT(city STRUCT(code VARCHAR))',
      keep: ["{city: {code: 'AB'}}", '{city: null}', 'null'],
      broken: ["{city: {code: 'ABC'}}", '{city: {code: null}}'],
      fails: ['a.city.code.required', 'a.city.code.maxLength'],
      format: 'parquet',
    },
  ),
  key(
    'property.items',
    'every key of this page holds for items of lists, at any depth; a row fails once, however many of its items do',
    {
      property: lines,
      type: linesType,
      keep: ["[{sku: 'S1', count: 1}]", '[]', 'null'],
      broken: ["[{sku: 'S1', count: 0}, {sku: 'S2', count: 0}]", "[{sku: null, count: 1}, {sku: 'T', count: 1}]"],
      fails: ['a[].sku.required', 'a[].sku.pattern', 'a[].count.minimum'],
      format: 'parquet',
    },
    'a check of an item counts rows, and `${column}` of a check in SQL cannot name one; unique means no value twice in one row',
  ),
  key('property.map', 'every key of this page holds for keys and values of maps', {
    property: {
      logicalType: 'map',
      map: {
        key: { logicalType: 'string', logicalTypeOptions: { maxLength: 2 } },
        value: { logicalType: 'integer', required: true },
      },
    },
    type: 'MAP(VARCHAR, BIGINT)',
    keep: ["map {'ab': 1}", 'map {}', 'null'],
    broken: ["map {'abc': 1}", "map {'a': null}"],
    fails: ['a[key].maxLength', 'a[value].required'],
    format: 'parquet',
  }),
]

const properties: readonly StandardKey[] = [
  key('property.required', 'no NULL', {
    property: { logicalType: 'string', required: true },
    type: 'VARCHAR',
    keep: ["'x'"],
    broken: ["'x'", 'null'],
    fails: ['a.required'],
  }),
  key('property.unique', 'no value twice, exactly; NULL is no value', {
    property: { logicalType: 'integer', unique: true },
    type: 'BIGINT',
    keep: ['1', '2', 'null', 'null'],
    broken: ['1', '1', '2'],
    fails: ['a.unique'],
    format: 'parquet',
  }),
  key('property.primaryKey', 'no NULL in any part and no key twice, exactly', {
    property: { logicalType: 'string', primaryKey: true },
    type: 'VARCHAR',
    keep: ["'x'", "'y'"],
    broken: ["'x'", "'x'"],
    fails: ['primaryKey'],
  }),
  {
    key: 'property.primaryKeyPosition',
    how: 'the order of the parts of a key',
    cases: [
      compositeKey('composite key kept', ['(1, 1)', '(1, 2)', '(2, 1)'], []),
      compositeKey('composite key broken', ['(1, 1)', '(1, 1)', '(2, 1)'], ['primaryKey']),
    ],
  },
  key('property.enum', 'one of the values, compared in the type of the column', {
    property: { logicalType: 'string', enum: [{ value: 'red' }, { value: 'grün' }] },
    type: 'VARCHAR',
    keep: ["'red'", "'grün'", 'null'],
    broken: ["'red'", "'Red'"],
    fails: ['a.enum'],
  }),
  {
    key: 'property.logicalType, physicalType',
    how: 'a run writes the types of the contract; a file that has not the columns, or values that fit no such type, is refused as a whole',
    cases: [],
  },
]

function compositeKey(name: string, rows: readonly string[], fails: readonly string[]): CheckCase {
  return {
    name,
    format: 'csv',
    datasets: {
      rows: {
        properties: [
          { name: 'a', logicalType: 'integer', primaryKey: true, primaryKeyPosition: 2 },
          { name: 'b', logicalType: 'integer', primaryKey: true, primaryKeyPosition: 1 },
        ],
        rows: `select a::bigint as a, b::bigint as b from (values ${rows.join(', ')}) t(a, b)`,
      },
    },
    fails,
  }
}

export const basicKeys: readonly StandardKey[] = [...properties, ...strings, ...numbers, ...moments, ...nested]
