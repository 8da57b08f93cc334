/** One list of rules as an ODCS contract, which Weft and datacontract-cli read, and as a contract of Soda; and the rows they are about. */

const statuses = ['open', 'paid', 'sent', 'done', 'void']

/** `sql` makes good rows from their number `i`; `bad` replaces it in the rows whose number is divisible by 100. */
export const columns = [
  { name: 'id', type: 'BIGINT', logical: 'integer', sql: 'i', bad: 'i - 100', required: true, key: true },
  {
    name: 'code',
    type: 'VARCHAR',
    logical: 'string',
    sql: 'md5(i::varchar)',
    bad: "'odd ' || i",
    required: true,
    unique: true,
    pattern: '^[0-9a-f]{32}$',
  },
  {
    name: 'customer',
    type: 'BIGINT',
    logical: 'integer',
    sql: 'hash(i, 1) % 200000',
    bad: 'null',
    required: true,
    range: [0, 199_999],
  },
  {
    name: 'country',
    type: 'INTEGER',
    logical: 'integer',
    sql: 'hash(i, 2) % 50',
    bad: '70',
    required: true,
    values: Array.from({ length: 50 }, (_, n) => n),
  },
  {
    name: 'status',
    type: 'VARCHAR',
    logical: 'string',
    sql: `([${statuses.map(it => `'${it}'`)}])[1 + (hash(i, 3) % 5)::integer]`,
    bad: "'lost'",
    required: true,
    values: statuses,
  },
  {
    name: 'amount',
    type: 'DECIMAL(12,2)',
    logical: 'number',
    sql: '(hash(i, 4) % 10000000) / 100',
    bad: '-1',
    required: true,
    range: [0, 100_000],
  },
  {
    name: 'score',
    type: 'DOUBLE',
    logical: 'number',
    sql: '(hash(i, 5) % 1000000) / 1e6',
    bad: '2',
    required: true,
    range: [0, 1],
  },
  {
    name: 'day',
    type: 'DATE',
    logical: 'date',
    sql: "date '2020-01-01' + (hash(i, 6) % 2000)::integer",
    required: true,
  },
  {
    name: 'moment',
    type: 'TIMESTAMP',
    logical: 'timestamp',
    sql: "timestamp '2020-01-01' + to_seconds((hash(i, 7) % 100000000)::bigint)",
    required: true,
  },
  { name: 'flag', type: 'BOOLEAN', logical: 'boolean', sql: 'hash(i, 8) % 2 = 0', bad: 'null', required: true },
  {
    name: 'email',
    type: 'VARCHAR',
    logical: 'string',
    sql: "case when hash(i, 9) % 10 > 0 then 'user' || (hash(i, 9) % 300000) || '@example.org' end",
    bad: "'nobody'",
    pattern: '^[^@ ]+@[^@ ]+[.][a-z]+$',
    lengths: [10, 100],
  },
  {
    name: 'quantity',
    type: 'INTEGER',
    logical: 'integer',
    sql: 'hash(i, 10) % 1000',
    bad: '1000',
    required: true,
    range: [0, 999],
  },
]

/** The rows as a SELECT; spoiled ones break every rule that can be broken row by row. */
export const rowsOf = (rows, isSpoiled) =>
  `select ${columns.map(it => `(${isSpoiled && it.bad ? `case when i > 0 and i % 100 = 0 then ${it.bad} else ${it.sql} end` : it.sql})::${it.type} as ${it.name}`).join(', ')} from range(${rows}) as t(i)`

/** What fails on the spoiled rows, worked out by hand: `<column>.<missing, invalid or duplicate>`. */
export const expectedFailures = [
  'amount.invalid',
  'code.invalid',
  'country.invalid',
  'customer.missing',
  'email.invalid',
  'flag.missing',
  'id.duplicate',
  'quantity.invalid',
  'score.invalid',
  'sql',
  'status.invalid',
]

const sql = { condition: "status = 'paid' and amount < 0 or status = 'lost'", id: 'lost_orders' }

/** ODCS 3.2 with a server, so that other tools find the rows in `data.parquet` of the folder they are started in. */
export const odcs = {
  apiVersion: 'v3.2.0',
  kind: 'DataContract',
  id: 'orders',
  name: 'Orders',
  version: '1.0.0',
  status: 'active',
  servers: [{ server: 'files', type: 'local', path: 'data.parquet', format: 'parquet' }],
  schema: [
    {
      name: 'orders',
      logicalType: 'object',
      physicalType: 'table',
      properties: columns.map(it => ({
        name: it.name,
        logicalType: it.logical,
        physicalType: it.type,
        ...(it.required ? { required: true } : {}),
        ...(it.key ? { primaryKey: true, primaryKeyPosition: 1 } : {}),
        ...(it.unique ? { unique: true } : {}),
        ...(it.values ? { enum: it.values.map(value => ({ value })) } : {}),
        ...optionsOf(it),
      })),
      quality: [
        { id: 'some_rows', metric: 'rowCount', mustBeGreaterThan: 0 },
        { id: sql.id, type: 'sql', query: `SELECT count(*) FROM \${table} WHERE ${sql.condition}`, mustBe: 0 },
      ],
    },
  ],
}

function optionsOf({ range, pattern, lengths }) {
  const options = {
    ...(range ? { minimum: range[0], maximum: range[1] } : {}),
    ...(pattern ? { pattern } : {}),
    ...(lengths ? { minLength: lengths[0], maxLength: lengths[1] } : {}),
  }
  return Object.keys(options).length === 0 ? {} : { logicalTypeOptions: options }
}

/** The same for Soda, which has all that makes a value of a column invalid in one check. */
export const soda = {
  dataset: 'files/main/data',
  columns: columns.map(it => {
    const invalid = {
      ...(it.values ? { valid_values: it.values } : {}),
      ...(it.range ? { valid_min: it.range[0], valid_max: it.range[1] } : {}),
      ...(it.pattern ? { valid_format: { name: it.name, regex: it.pattern } } : {}),
      ...(it.lengths ? { valid_min_length: it.lengths[0], valid_max_length: it.lengths[1] } : {}),
    }
    return {
      name: it.name,
      checks: [
        ...(it.required ? [{ missing: {} }] : []),
        ...(it.key || it.unique ? [{ duplicate: {} }] : []),
        ...(Object.keys(invalid).length > 0 ? [{ invalid }] : []),
      ],
    }
  }),
  checks: [
    { schema: {} },
    { row_count: { threshold: { must_be_greater_than: 0 } } },
    { failed_rows: { name: sql.id, expression: sql.condition } },
  ],
}
