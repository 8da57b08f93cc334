/**
 * What measuring costs beside a bare scan of the same file, in processor time of this process.
 *
 *   npm run build && node bench/measure.mjs [--rows 4000000] [--repeats 3] [--choices]
 *
 * The scan is `select count(c1), ..., count(c12)`; each figure is the median of the repeats, and the scan is timed before and after each of them.
 *
 * Measured on two cores with DuckDB 1.5.5, 4,000,000 rows: profile 7.2 scans at first, 3.2 to 3.6 now; contract of 37 rules 7.4 at first, 3.9 to 4.4 now;
 * both 6.6 to 7.2. `--choices` also times what was chosen beside what it replaced.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from '../dist/engine/index.js'
import { measure } from '../dist/pipelines/measure/index.js'

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '4000000' },
    repeats: { type: 'string', default: '3' },
    choices: { type: 'boolean', default: false },
  },
})
const rows = Number(flags.rows)
const repeats = Number(flags.repeats)

const columns = [
  ['id', 'BIGINT', 'i'],
  ['code', 'VARCHAR', 'md5(i::varchar)'],
  ['customer', 'BIGINT', 'hash(i, 1) % 200000'],
  ['country', 'INTEGER', 'hash(i, 2) % 50'],
  ['status', 'VARCHAR', "(['open', 'paid', 'sent', 'done', 'void'])[1 + (hash(i, 3) % 5)::integer]"],
  ['amount', 'DECIMAL(12,2)', '(hash(i, 4) % 10000000) / 100'],
  ['score', 'DOUBLE', '(hash(i, 5) % 1000000) / 1e6'],
  ['day', 'DATE', "date '2020-01-01' + (hash(i, 6) % 2000)::integer"],
  ['moment', 'TIMESTAMP', "timestamp '2020-01-01' + to_seconds((hash(i, 7) % 100000000)::bigint)"],
  ['flag', 'BOOLEAN', 'hash(i, 8) % 2 = 0'],
  ['email', 'VARCHAR', "case when hash(i, 9) % 10 > 0 then 'user' || (hash(i, 9) % 300000) || '@example.org' end"],
  ['quantity', 'INTEGER', 'hash(i, 10) % 1000'],
].map(([name, type, sql], index) => ({ name, type, sql, id: index + 1 }))

const place = { file: 'bench.odcs.yaml', line: 1, column: 1 }
const required = columns.slice(0, 10).map(it => ({ kind: 'required', column: it.name }))
const range = (column, minimum, maximum) => [
  { kind: 'minimum', column, value: minimum },
  { kind: 'maximum', column, value: maximum },
]
const lengths = (column, least, most) => [
  { kind: 'minLength', column, value: least },
  { kind: 'maxLength', column, value: most },
]
const percent = value => ({ threshold: { operator: 'mustBeLessThan', value }, unit: 'percent' })
const tests = [
  ...required,
  { kind: 'primaryKey', columns: ['id'] },
  { kind: 'unique', columns: ['code'] },
  { kind: 'pattern', column: 'code', pattern: '^[0-9a-f]{32}$' },
  { kind: 'pattern', column: 'email', pattern: '^[^@ ]+@[^@ ]+[.][a-z]+$' },
  { kind: 'enum', column: 'status', values: ['open', 'paid', 'sent', 'done', 'void'] },
  { kind: 'enum', column: 'country', values: Array.from({ length: 50 }, (_, index) => index) },
  ...range('amount', 0, 100_000),
  ...range('score', 0, 1),
  ...range('day', '2020-01-01', '2030-01-01'),
  ...range('quantity', 0, 999),
  ...lengths('code', 32, 32),
  ...lengths('email', 10, 100),
  { kind: 'multipleOf', column: 'quantity', value: 1 },
  { kind: 'rowCount', threshold: { operator: 'mustBeGreaterThan', value: 0 } },
  { kind: 'nullValues', column: 'email', ...percent(20) },
  { kind: 'nullValues', column: 'quantity', ...percent(1) },
  { kind: 'missingValues', column: 'email', missing: ['', 'n/a'], ...percent(20) },
  { kind: 'invalidValues', column: 'customer', minimum: 0, maximum: 199_999, ...percent(1) },
  { kind: 'duplicateValues', columns: ['customer'], ...percent(100) },
  { kind: 'freshness', column: 'moment', maxAgeMs: 86_400_000 },
  {
    kind: 'sql',
    query: 'select count(*) from ${table} where amount < 0',
    threshold: { operator: 'mustBe', value: 0 },
  },
]
const rules = tests.map((test, index) => ({ id: `rule-${index}`, severity: 'error', test, place }))

/** Milliseconds of processor time, all threads. */
const cost = async work => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1]

/** What was chosen, each beside what it replaced. */
const choices = {
  'required, from footers': 'select 1',
  'required, by a scan': 'select count_if(email is null), count_if(code is null) from bare',
  'range of DOUBLE, count_if': 'select count_if(not (score >= 0)), count_if(not (score <= 1)) from bare',
  'range of DOUBLE, filter':
    'select count(*) filter (where not (score >= 0)), count(*) filter (where not (score <= 1)) from bare',
  'enum, list_contains':
    "select count_if(status is not null and not list_contains(['open', 'paid', 'sent', 'done', 'void'], status)) from bare",
  'enum, in': "select count_if(status not in ('open', 'paid', 'sent', 'done', 'void')) from bare",
  'unique whole number, bits': `select bit_count(bitstring_agg(id, 0::bigint, ${rows - 1}::bigint)) from bare`,
  'unique whole number, values': 'select count(distinct id) from bare',
  'unique text, hashes': 'select count(distinct hash(code)) from bare',
  'unique text, values': 'select count(distinct code) from bare',
  'distinct of 12 columns, one in 8 hashes as bits': `select ${columns.map(it => `bit_count(bitstring_agg((hash(${it.name}) >> 47)::integer, 0, 131071) filter (where (hash(${it.name}) & 7) = 0))`).join(', ')} from bare`,
  'distinct of 12 columns, all hashes as bits': `select ${columns.map(it => `bit_count(bitstring_agg((hash(${it.name}) >> 44)::integer, 0, 1048575))`).join(', ')} from bare`,
  'distinct of 12 columns, approx_count_distinct': `select ${columns.map(it => `approx_count_distinct(${it.name})`).join(', ')} from bare`,
  'scan by names': `select ${columns.map(it => `bit_xor(hash(${it.name}))`).join(', ')} from bare`,
  'scan by ids': `select ${columns.map(it => `bit_xor(hash(${it.name}))`).join(', ')} from by_id`,
  SUMMARIZE: 'summarize bare',
}

const folder = await mkdtemp(join(tmpdir(), 'weft-measure-'))
const engine = await openEngine('duckdb')
const session = await engine.open({ memory: 2 * 1024 ** 3, threads: 2, scratch: folder })
try {
  const select = `select ${columns.map(it => `${it.sql} as ${it.name}`).join(', ')} from range(${rows}) as t(i)`
  const typed = columns.map(({ name, type, id }) => ({ name, type, id }))
  const files = await session.write(select, { folder, columns: typed })
  const relation = { kind: 'parquet', files: files.map(it => it.path), columns: typed }
  await session.define(['bare'], { ...relation, columns: typed.map(({ name, type }) => ({ name, type })) })
  await session.define(['by_id'], relation)
  const input = {
    session,
    dataset: 'bench',
    relation,
    columns: typed,
    other: async () => undefined,
    nowMs: Date.parse('2023-03-03T10:00:00Z'),
  }
  const scan = () => session.rows(`select ${columns.map(it => `count(${it.name})`).join(', ')} from bare`)
  let last
  const parts = {
    scan,
    profile: async () => {
      last = await measure({ ...input, rules: [], profile: true })
    },
    contract: async () => {
      last = await measure({ ...input, rules, profile: false })
    },
    both: async () => {
      last = await measure({ ...input, rules, profile: true })
    },
  }
  await scan()
  const scans = []
  const found = {}
  for (const [name, work] of Object.entries(parts)) {
    const costs = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      scans.push(await cost(scan))
      costs.push(await cost(work))
      scans.push(await cost(scan))
    }
    found[name] = median(costs)
  }
  const bare = median(scans)
  const values = last.measurement.profile.columns.flatMap(it => Object.keys(it)).length + 1
  const ratio = name => Number((found[name] / bare).toFixed(2))
  console.log(
    JSON.stringify({
      rows,
      columns: columns.length,
      rules: rules.length,
      metrics: values - 2 * columns.length,
      scanMs: Math.round(bare),
      profile: ratio('profile'),
      contract: ratio('contract'),
      both: ratio('both'),
      failed: last.measurement.checks.filter(it => it.state !== 'passed').map(it => `${it.kind}: ${it.found}`),
    }),
  )
  console.table(
    Object.fromEntries(Object.keys(parts).map(name => [name, { cpuMs: Math.round(found[name]), scans: ratio(name) }])),
  )
  if (flags.choices) {
    const table = {}
    for (const [name, sql] of Object.entries(choices)) {
      const costs = []
      for (let repeat = 0; repeat < repeats; repeat++) costs.push(await cost(() => session.rows(sql)))
      table[name] = { cpuMs: Math.round(median(costs)), scans: Number((median(costs) / bare).toFixed(2)) }
    }
    console.table(table)
  }
} finally {
  await session.close()
  await rm(folder, { recursive: true, force: true })
}
