/**
 * What checking an append costs beside checking everything, in processor time of this process: rows that are checked, then one in a hundred more.
 *
 *   npm run build && node bench/append-check.mjs [--rows 4000000] [--repeats 3]
 *
 * Each contract is measured whole with its profile, then the append with what that left behind, and whole again, which has to give the same verdicts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEngine } from '../dist/engine/index.js'
import { measure } from '../dist/pipelines/measure/index.js'

const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '4000000' }, repeats: { type: 'string', default: '3' } },
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
  ['moment', 'TIMESTAMP', "timestamp '2020-01-01' + to_seconds(i)"],
  ['flag', 'BOOLEAN', 'hash(i, 8) % 2 = 0'],
  ['email', 'VARCHAR', "case when hash(i, 9) % 10 > 0 then 'user' || (hash(i, 9) % 300000) || '@example.org' end"],
].map(([name, type, sql], index) => ({ name, type, sql, id: index + 1 }))

const percent = value => ({ threshold: { operator: 'mustBeLessThan', value }, unit: 'percent' })
const plain = [
  ...columns.slice(0, 9).map(it => ({ kind: 'required', column: it.name })),
  { kind: 'primaryKey', columns: ['id'] },
  { kind: 'pattern', column: 'code', pattern: '^[0-9a-f]{32}$' },
  { kind: 'pattern', column: 'email', pattern: '^[^@ ]+@[^@ ]+[.][a-z]+$' },
  { kind: 'enum', column: 'status', values: ['open', 'paid', 'sent', 'done', 'void'] },
  { kind: 'minimum', column: 'amount', value: 0 },
  { kind: 'maximum', column: 'score', value: 1 },
  { kind: 'minLength', column: 'code', value: 32 },
  { kind: 'maxLength', column: 'email', value: 30 },
  { kind: 'nullValues', column: 'email', ...percent(20) },
  { kind: 'missingValues', column: 'email', missing: ['n/a'], ...percent(20) },
  { kind: 'invalidValues', column: 'status', validValues: ['open', 'paid', 'sent', 'done'], ...percent(30) },
  { kind: 'foreignKey', columns: ['customer'], to: 'customers', toColumns: ['id'] },
  { kind: 'freshness', column: 'moment', maxAgeMs: 86_400_000 },
]
const contracts = {
  'a contract of 22 rules, its key ascending': plain,
  'and a unique text that is random': [...plain, { kind: 'unique', columns: ['code'] }],
  'and a check in SQL over one column': [
    ...plain,
    { kind: 'sql', query: 'select count(*) from ${table} where amount < 0', threshold: { operator: 'mustBe', value: 0 } },
  ],
}

/** Milliseconds of processor time, all threads, and the answer. */
const cost = async work => {
  const before = process.cpuUsage()
  const answer = await work()
  const { user, system } = process.cpuUsage(before)
  return { ms: (user + system) / 1000, answer }
}
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1]

const folder = await mkdtemp(join(tmpdir(), 'weft-append-'))
const engine = await openEngine('duckdb')
const session = await engine.open({ memory: 2 * 1024 ** 3, threads: 2, scratch: folder })
try {
  const typed = columns.map(({ name, type, id }) => ({ name, type, id }))
  const write = async (name, from, to) => {
    const { mkdir } = await import('node:fs/promises')
    await mkdir(join(folder, name))
    const select = `select ${columns.map(it => `${it.sql} as ${it.name}`).join(', ')} from range(${from}, ${to}) as t(i)`
    const files = await session.write(select, { folder: join(folder, name), columns: typed })
    return { kind: 'parquet', files: files.map(it => it.path), columns: typed }
  }
  const old = await write('old', 0, rows)
  const fresh = await write('fresh', rows, rows * 1.01)
  const all = { ...old, files: [...old.files, ...fresh.files] }
  await mkdirCustomers()
  async function mkdirCustomers() {
    await session.run(`copy (select i as id from range(200000) t(i)) to '${join(folder, 'customers.parquet')}'`)
  }
  const customers = { kind: 'parquet', files: [join(folder, 'customers.parquet')], columns: [{ name: 'id', type: 'BIGINT' }] }
  for (const [name, tests] of Object.entries(contracts)) {
    const rules = tests.map((test, index) => ({
      id: `rule-${index}`,
      severity: 'error',
      test,
      place: { file: 'bench.odcs.yaml', line: 1, column: 1 },
    }))
    const input = {
      session,
      dataset: 'bench',
      columns: typed,
      rules,
      other: async () => customers,
      nowMs: Date.parse('2023-03-03T10:00:00Z'),
      profile: true,
    }
    const times = { first: [], append: [] }
    let memoryBytes = 0
    for (let round = 0; round < repeats; round++) {
      const first = await cost(() => measure({ ...input, relation: old }))
      const text = JSON.stringify(first.answer.memory)
      memoryBytes = text.length
      const append = await cost(() =>
        measure({
          ...input,
          relation: all,
          parts: { old, fresh, before: JSON.parse(text), changedOther: () => false },
        }),
      )
      if (round === 0) {
        const whole = await measure({ ...input, relation: all })
        const same = JSON.stringify(whole.measurement.checks) === JSON.stringify(append.answer.measurement.checks)
        if (!same) throw new Error(`${name}: the verdicts are others`)
      }
      times.first.push(first.ms)
      times.append.push(append.ms)
    }
    const [first, append] = [median(times.first), median(times.append)]
    console.log(
      `${name}: first ${first.toFixed(0)} ms, append ${append.toFixed(0)} ms, ratio ${(append / first).toFixed(3)}, memory ${(memoryBytes / 1024).toFixed(0)} kB`,
    )
  }
} finally {
  await session.close()
  await rm(folder, { recursive: true, force: true })
}
