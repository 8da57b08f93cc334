/**
 * After any sequence of files that are added, late, changed, doubled or removed, and of changed models, what was built by increments equals what the
 * models answer over all files, as bags; in every second sequence rows grow too old, too. `WEFT_INCREMENTS` says how many sequences (4); `npm run test:increments` does 60.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../src/base/index.ts'
import type { Mesh, Product } from '../src/domain/index.ts'
import { type Engine, openEngine, quoteText, type Relation, type Session } from '../src/engine/index.ts'
import { type BuiltDataset, buildDatasets } from '../src/pipelines/build.ts'
import type { RowsKept } from '../src/pipelines/incremental/left-out.ts'
import type { Previous } from '../src/pipelines/incremental/previous.ts'
import { SourceTable } from '../src/pipelines/incremental/source-table.ts'
import { type BuildTable, WrittenTable } from '../src/pipelines/incremental/table.ts'
import { measure } from '../src/pipelines/measure/index.ts'
import { listSource } from '../src/pipelines/sources/source.ts'
import { checkMesh } from '../src/planner/check.ts'
import { fileKey, type ManifestFile } from '../src/storage/index.ts'
import { dailyMesh, models, type Variants, writeModels } from './support/daily-mesh.ts'
import { temporaryFolder } from './support/mesh.ts'

const sequences = Number(process.env.WEFT_INCREMENTS ?? 4)
const stepsEach = 12
let engine: Engine
let oracle: Session

beforeAll(async () => {
  engine = await openEngine('duckdb')
  oracle = await engine.open({ memory: 512 * 1024 ** 2, threads: 2, scratch: await temporaryFolder() })
})
afterAll(() => oracle.close())

/** The instant of a run, and whether rows grow too old. */
interface Aging {
  readonly nowMs: number
  readonly isOn: boolean
}

/** What a catalogue and a storage would keep between runs. */
interface Kept {
  readonly relation: Relation & { readonly kind: 'parquet' }
  readonly table: BuildTable
  readonly previous: Previous
}

const randomFrom = (seed: number) => {
  let state = seed * 7919 + 13
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

const keep = (session: Session, one: BuiltDataset, before: Kept | undefined): Kept => {
  const files: ManifestFile[] = one.files.map(file => {
    const { path, bytes, rows, partitions } = file
    return { sha256: path, bytes, rows, partitions, nulls: [] }
  })
  const all = [...files, ...one.reused]
  const columns = one.columns.map(({ name, type }) => ({ name, type }))
  const relation = { kind: 'parquet' as const, files: all.map(fileKey), columns }
  const manifest = {
    ...before?.previous.manifest,
    columns: one.columns.map(column => ({ ...column, nullable: true })),
    files: all,
    rows: one.rows,
    empty: one.empty,
    baseKey: one.baseKey,
    sources: one.sources,
    ...(one.partition === undefined ? {} : { partition: one.partition }),
  } as unknown as Previous['manifest'] // a build looks at nothing else of it
  const table = new WrittenTable(
    session,
    relation,
    all.map(file => ({ ...file, path: fileKey(file) })),
    one.partition,
  )
  return { relation, table, previous: { manifest, path: fileKey, memory: async () => one.memory } }
}

/** Partitions that share one file, a few, or none; files that are left alone, or soon made one. */
const packings = [
  { rowsMax: 1_000_000, smallMax: 16 },
  { rowsMax: 8, smallMax: 16 },
  { rowsMax: 40, smallMax: 2 },
  { rowsMax: 1_000_000, smallMax: 1 },
] as const

/** By a column that the dataset is divided by, by another one, and by a coarser one; of a dataset in one piece; strictest first and last. */
const rules: Readonly<Record<string, readonly Omit<RowsKept, 'policy'>[]>> = {
  events: [{ by: 'ts', keepMs: 9 * 86_400_000 }],
  totals: [
    { by: 'day', keepMs: 8 * 86_400_000 },
    { by: 'day', keepMs: 20 * 86_400_000 },
  ],
  keys: [{ by: 'last', keepMs: 3 * 3_600_000 }],
  monthly: [{ by: 'month', keepMs: 15 * 86_400_000 }],
  mixed: [
    { by: 'day', keepMs: 40 * 86_400_000 },
    { by: 'day', keepMs: 7 * 86_400_000 },
  ],
}

/** The rows of a dataset that its rules leave in: whole days, or whole hours where less than a day is kept. */
const youngOf = (dataset: string, nowMs: number): string => {
  const [first] = [...(rules[dataset] ?? [])].sort((a, b) => a.keepMs - b.keepMs)
  if (first === undefined) return 'true'
  const unit = first.keepMs < 86_400_000 ? 3_600_000 : 86_400_000
  const from = new Date(Math.floor((nowMs - first.keepMs) / unit) * unit).toISOString().slice(0, 19)
  return `(${first.by} >= timestamp '${from.replace('T', ' ')}' or ${first.by} is null)`
}

const buildAll = async (
  mesh: Mesh,
  folder: string,
  step: number,
  kept: Map<string, Kept>,
  packing: (typeof packings)[number],
  aging: Aging,
): Promise<BuiltDataset[]> => {
  const built: BuiltDataset[] = []
  for (const product of [...mesh.products.values()].sort((a, b) => a.subject.localeCompare(b.subject))) {
    const scratch = join(folder, 'built', `${step}-${product.slug}`)
    await mkdir(scratch, { recursive: true })
    const session = await engine.open({ memory: 512 * 1024 ** 2, threads: 2, scratch })
    try {
      const inputs = await inputsOf(product, session, folder, scratch, kept)
      const datasets = await buildDatasets({
        mesh,
        product,
        session,
        engine,
        scratch,
        inputs,
        previous: async dataset => kept.get(dataset)?.previous,
        again: 'none',
        // So few that long builds go group by group.
        partitionsAtOnce: 3,
        packing,
        kept: async () => join(scratch, 'kept'),
        other: async () => undefined,
        fieldId: (_, column) =>
          1 +
          product.outputs.flatMap(it => it.datasets.flatMap(one => one.columns)).findIndex(it => it.name === column),
        nowMs: aging.nowMs,
        keepRows: dataset => {
          const own = aging.isOn ? (rules[dataset.split('.').at(-1) ?? ''] ?? []) : []
          return own.map(it => ({ ...it, policy: 'test' }))
        },
        failingKeysMax: 0,
        onDataset: async () => {},
      })
      for (const one of datasets) kept.set(one.dataset.subject, keep(session, one, kept.get(one.dataset.subject)))
      built.push(...datasets)
    } finally {
      await session.close()
    }
  }
  return built
}

const inputsOf = async (
  product: Product,
  session: Session,
  folder: string,
  scratch: string,
  kept: ReadonlyMap<string, Kept>,
) => {
  const tables = new Map<string, BuildTable>()
  for (const { target, name } of product.inputs) {
    if (target.kind === 'source') {
      const files = await listSource(target.contract, folder, defaultLimits)
      for (const dataset of target.datasets)
        tables.set(
          dataset.subject,
          new SourceTable({
            ...{ session, contract: target.contract, dataset, files, limits: defaultLimits },
            folder: join(scratch, `landed-${name}`),
          }),
        )
    } else if (target.kind === 'port') {
      for (const [subject, { relation, previous }] of kept) {
        if (!subject.startsWith(`${target.port}.`)) continue
        const { files, partition } = previous.manifest
        const withPaths = files.map(file => ({ ...file, path: previous.path(file) }))
        tables.set(subject, new WrittenTable(session, relation, withPaths, partition))
      }
    }
  }
  return tables
}

/** What manifests say of partitions, by the rows of the files; each lies in one file, and as many share one as may. */
const compareContents = async (kept: Kept, rowsMax: number, what: string): Promise<void> => {
  const { files, columns, partition } = kept.previous.manifest
  const names = new Set<string | null>()
  for (const file of files) {
    const found = await oracle.contents(
      kept.previous.path(file),
      columns.map(it => it.name),
      partition,
    )
    const said = file.partitions.map(({ name, rows, content }) => ({ name, rows, content }))
    expect({ what, said: said.sort(byText) }).toEqual({ what, said: found.sort(byText) })
    for (const { name } of said) names.add(name)
    if (said.length > 1) expect(file.rows).toBeLessThanOrEqual(rowsMax)
  }
  expect(names.size).toBe(files.flatMap(file => file.partitions).length)
}

/** What was measured of the parts that changed is what measuring everything finds. */
const compareMeasured = async (
  { dataset, measured }: BuiltDataset,
  relation: Relation,
  nowMs: number,
  what: string,
) => {
  const { subject, columns, rules } = dataset
  const all = { session: oracle, dataset: subject, relation, columns, rules, nowMs, profile: true }
  const { metrics, checks } = (await measure({ ...all, other: async () => undefined })).measurement
  expect({ what, subject, metrics: measured.measurement.metrics.slice(0, metrics.length) }).toEqual({
    what,
    subject,
    metrics,
  })
  expect(measured.measurement.checks.slice(0, checks.length)).toEqual(checks)
}

const byText = (a: { readonly name: string | null }, b: { readonly name: string | null }): number =>
  String(a.name).localeCompare(String(b.name))

/** The models over all files, by the engine alone. */
const compare = async (
  folder: string,
  variants: Variants,
  kept: ReadonlyMap<string, Kept>,
  aging: Aging,
  what: string,
): Promise<void> => {
  await oracle.run('create schema if not exists till; create schema if not exists base')
  const read = (glob: string, columns: string): string =>
    `select * from read_csv(${quoteText(join(folder, glob))}, header = true, auto_detect = false, columns = ${columns})`
  await oracle.run(
    `create or replace table till.events as ${read('data/*.csv', "{ts: 'TIMESTAMP', k: 'INTEGER', v: 'INTEGER'}")}`,
  )
  await oracle.run(`create or replace table till.names as ${read('names.csv', "{k: 'INTEGER', name: 'VARCHAR'}")}`)
  for (const { dataset, product, text } of models(variants)) {
    const young = aging.isOn ? youngOf(dataset, aging.nowMs) : 'true'
    await oracle.run(`create or replace table ${dataset} as select * from (${text}) where ${young}`)
    if (product === 'a-base') await oracle.run(`create or replace table base.${dataset} as from ${dataset}`)
    const subject = `d.${product}.${product}.v1.${dataset}`
    const relation = kept.get(subject)?.relation
    if (relation === undefined) throw new Error(`${subject} was not built`)
    await oracle.define(['built'], relation)
    const columns = (relation.columns ?? []).map(it => `cast(${it.name} as ${it.type}) as ${it.name}`).join(', ')
    const [row] = await oracle.rows(
      `with wanted as (select ${columns} from ${dataset}) select (select count(*) from (from wanted except all from built)) + (select count(*) from (from built except all from wanted)) as n`,
    )
    expect({ what, dataset, differences: Number(row?.n) }).toEqual({ what, dataset, differences: 0 })
  }
}

const dayOf = (index: number): string => new Date(Date.UTC(2024, 0, 25 + index)).toISOString().slice(0, 10)

const lines = (random: (below: number) => number, day: number): string => {
  const rows = Array.from({ length: 3 + random(6) }, () => {
    // Now and then a line of another day, and one without.
    const at = random(9) === 0 ? dayOf(Math.max(0, day - random(4))) : dayOf(day)
    const ts = random(20) === 0 ? '' : `${at} ${String(random(24)).padStart(2, '0')}:00:00`
    return `${ts},${random(5)},${random(50)}`
  })
  return `ts,k,v\n${rows.join('\n')}\n`
}

test.each(Array.from({ length: sequences }, (_, seed) => seed))(
  'sequence %i',
  async seed => {
    const random = randomFrom(seed)
    const folder = await temporaryFolder()
    await dailyMesh(folder)
    await mkdir(join(folder, 'data'))
    const there = new Map<string, string>()
    const put = async (name: string, text: string): Promise<void> => {
      there.set(name, text)
      await writeFile(join(folder, 'data', name), text)
    }
    for (let day = 0; day < 8; day++) await put(`${dayOf(day)}.csv`, lines(random, day))
    let names = 5
    await writeFile(
      join(folder, 'names.csv'),
      `k,name\n${Array.from({ length: names }, (_, k) => `${k},n${k}`).join('\n')}\n`,
    )
    const variants: { events: number; totals: number; rolling: number } = { events: 0, totals: 0, rolling: 0 }
    const kept = new Map<string, Kept>()
    let reused = 0
    let leftOut = 0
    // The first days are too old from the start.
    let nowMs = Date.UTC(2024, 1, 6, 5, 30)
    const isOn = seed % 2 === 1
    const acts: Record<string, () => Promise<void>> = {
      nothing: async () => {},
      added: () => put(`${dayOf(there.size)}-${random(1000)}.csv`, lines(random, there.size)),
      later: async () => {
        nowMs += (1 + random(30)) * 3_600_000
      },
      late: () => put(`late-${random(1000)}.csv`, lines(random, random(5))),
      changed: async () => {
        const name = [...there.keys()][random(there.size)] ?? ''
        await put(name, `${there.get(name)}${dayOf(random(9))} 10:00:00,${random(5)},${random(50)}\n`)
      },
      touched: async () => {
        const name = [...there.keys()][random(there.size)] ?? ''
        await put(name, there.get(name) ?? '')
      },
      doubled: async () => put(`copy-${random(1000)}.csv`, [...there.values()][random(there.size)] ?? ''),
      removed: async () => {
        if (there.size < 4) return
        const name = [...there.keys()][random(there.size)] ?? ''
        there.delete(name)
        await rm(join(folder, 'data', name))
      },
      named: async () => {
        names = names === 5 ? 4 : 5
        await writeFile(
          join(folder, 'names.csv'),
          `k,name\n${Array.from({ length: names }, (_, k) => `${k},m${k}`).join('\n')}\n`,
        )
      },
      events: async () => {
        variants.events = 1 - variants.events
      },
      totals: async () => {
        variants.totals = 1 - variants.totals
      },
      rolling: async () => {
        variants.rolling = 1 - variants.rolling
      },
    }
    const words = Object.keys(acts)
    for (let step = 0; step < stepsEach; step++) {
      const word = step === 0 ? 'nothing' : (words[random(words.length)] ?? 'nothing')
      await acts[word]?.()
      await writeModels(folder, variants)
      const checked = await checkMesh({ project: folder, engine: async () => engine, scratch: folder })
      expect([...checked.problems, ...checked.bindProblems].filter(it => it.severity === 'error')).toEqual([])
      const packing = packings[seed % packings.length] ?? packings[0]
      const what = `sequence ${seed}, step ${step}: ${word}`
      const built = await buildAll(checked.mesh, folder, step, kept, packing, { nowMs, isOn })
      await compare(folder, variants, kept, { nowMs, isOn }, what)
      for (const one of built)
        await compareMeasured(
          one,
          kept.get(one.dataset.subject)?.relation ?? { kind: 'empty', columns: [] },
          nowMs,
          what,
        )
      for (const one of kept.values()) await compareContents(one, packing.rowsMax, what)
      leftOut += built.reduce((sum, one) => sum + one.leftOut.reduce((rows, it) => rows + it.rows, 0), 0)
      if (step > 0) reused += built.reduce((sum, one) => sum + one.partitions.reused, 0)
      if (word === 'nothing' && step > 0)
        expect(built.flatMap(one => one.files.map(() => one.dataset.subject))).toEqual([])
    }
    expect(reused).toBeGreaterThan(isOn ? 10 : 20)
    expect(leftOut > 0).toBe(isOn)
  },
  240_000,
)
