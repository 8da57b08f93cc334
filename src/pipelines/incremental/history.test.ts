import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Dataset } from '../../domain/index.ts'
import { openEngine, type RelationColumn, type Session } from '../../engine/index.ts'
import { fileKey } from '../../storage/index.ts'
import { historySelect, writeHistory } from './history.ts'
import type { Previous } from './previous.ts'

let scratch: string
let session: Session
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'weft-history-'))
  session = await (await openEngine('duckdb')).open({ memory: 256 * 1024 ** 2, threads: 1, scratch })
})
afterAll(async () => {
  await session.close()
  await rm(scratch, { recursive: true, force: true })
})

const column = (name: string, type: string, primaryKeyPosition?: number) => ({
  ...{ name, type },
  ...(primaryKeyPosition === undefined ? {} : { primaryKeyPosition }),
})

const columns = [
  column('k', 'INTEGER', 1),
  column('area', 'VARCHAR', 2),
  column('price', 'INTEGER'),
  column('note', 'VARCHAR'),
  column('valid_from', 'TIMESTAMP'),
  column('valid_to', 'TIMESTAMP'),
]

const dataset = {
  subject: 'd.p.o.v1.prices',
  columns,
  place: { file: 'c.yaml', line: 1, column: 1 },
} as unknown as Dataset // a history looks at nothing else of it

const begin = async (): Promise<void> => {
  await session.run(
    'create or replace table before (k integer, area varchar, price integer, note varchar, valid_from timestamp, valid_to timestamp)',
  )
}

type Row = readonly [number | null, string | null, number | null, string | null]

const further = async (
  rows: readonly Row[],
  nowMs: number,
  known: readonly RelationColumn[] = columns,
): Promise<void> => {
  await session.run('create or replace table now (k integer, area varchar, price integer, note varchar)')
  for (const row of rows) await session.rows('insert into now values ($1, $2, $3, $4)', [...row])
  const select = await historySelect({ session, dataset, now: 'now', before: 'before', known, nowMs })
  await session.run(`create or replace table after as ${select}`)
  await session.run('create or replace table before as select k, area, price, note, valid_from, valid_to from after')
}

const asOf = async (instant: string): Promise<unknown[]> =>
  session.rows(
    `select k, area, price, note from before where valid_from <= timestamp '${instant}' and (valid_to > timestamp '${instant}' or valid_to is null) order by all`,
  )

const sorted = (rows: readonly Row[]): unknown[] =>
  [...rows]
    .map(([k, area, price, note]) => ({ k, area, price, note }))
    .sort((a, b) => Number(a.k) - Number(b.k) || String(a.area).localeCompare(String(b.area)))

it('shows every snapshot again as of its moment, whatever was corrected, deleted or came back', async () => {
  let state = 11
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
  for (let sequence = 0; sequence < 5; sequence++) {
    await begin()
    const taken: { readonly at: string; readonly rows: readonly Row[] }[] = []
    const current = new Map<string, Row>()
    for (let step = 0; step < 25; step++) {
      for (let change = random(5); change > 0; change--) {
        const [k, area] = [random(6), random(2) === 0 ? 'n' : 's']
        const price = random(4) === 0 ? null : random(3)
        if (random(4) === 0) current.delete(`${k}${area}`)
        else current.set(`${k}${area}`, [k, area, price, random(3) === 0 ? null : 'x'])
      }
      const at = Date.UTC(2024, 0, 1 + step)
      const rows = [...current.values()]
      await further(rows, at)
      taken.push({ at: new Date(at).toISOString().replace('Z', ''), rows })
    }
    for (const { at, rows } of taken) expect({ at, rows: await asOf(at) }).toEqual({ at, rows: sorted(rows) })
    const [wrong] = await session.rows(
      "select count(*) as n from before a join before b on a.k = b.k and a.area = b.area and a.rowid < b.rowid and a.valid_from < coalesce(b.valid_to, timestamp '9999-01-01') and b.valid_from < coalesce(a.valid_to, timestamp '9999-01-01')",
    )
    expect(Number(wrong?.n)).toBe(0)
    const [touching] = await session.rows(
      'select count(*) as n from before a join before b on a.k = b.k and a.area = b.area and a.valid_to = b.valid_from and a.price is not distinct from b.price and a.note is not distinct from b.note',
    )
    expect(Number(touching?.n)).toBe(0)
  }
}, 120_000)

it('goes on behind the latest moment when the clock was set back', async () => {
  await begin()
  await further([[1, 'n', 5, null]], Date.UTC(2024, 0, 10))
  await further([[1, 'n', 6, null]], Date.UTC(2024, 0, 2))
  const rows = await session.rows('select price, valid_from, valid_to from before order by valid_from')
  expect(rows.map(row => row.price)).toEqual([5, 6])
  expect(rows[0]?.valid_to).toEqual(rows[1]?.valid_from)
  expect(String(rows[1]?.valid_from) > String(rows[0]?.valid_from)).toBe(true)
})

it('gives a new column its values without closing anything', async () => {
  await begin()
  await further([[1, 'n', 5, 'old']], Date.UTC(2024, 0, 1))
  await session.run('alter table before drop column note')
  await session.run('create or replace table older as from before')
  await session.run("create or replace table now as select 1 as k, 'n' as area, 5 as price, 'new' as note")
  const known = columns.filter(it => it.name !== 'note')
  const select = await historySelect({
    session,
    dataset,
    now: 'now',
    before: 'older',
    known,
    nowMs: Date.UTC(2024, 0, 2),
  })
  const rows = await session.rows(select)
  expect(rows.map(row => [row.note, row.valid_to])).toEqual([['new', null]])
})

it('refuses two rows of one key, and a row without', async () => {
  await begin()
  await expect(
    further(
      [
        [1, 'n', 5, null],
        [1, 'n', 6, null],
      ],
      0,
    ),
  ).rejects.toMatchObject({ code: 'history.unclear-key' })
  await expect(further([[null, 'n', 5, null]], 0)).rejects.toMatchObject({ code: 'history.unclear-key' })
})

const build = async (rows: string, previous: Previous | undefined, nowMs: number): Promise<Previous> => {
  const folder = await mkdtemp(join(scratch, 'build-'))
  const withIds = columns.map(({ name, type }, index) => ({ id: index + 1, name, type }))
  const text = `select * from (values ${rows}) as t(k, area, price, note)`
  const files = await writeHistory({ session, dataset, columns: withIds, text, previous, folder, nowMs })
  const manifest = { columns: withIds, files: files.map(file => ({ ...file, sha256: file.path })) }
  // A history looks at nothing else of it.
  return {
    manifest,
    path: fileKey,
    memory: async () => undefined,
  } as unknown as Previous
}

it('begins where a dataset kept no history so far', async () => {
  const first = await build("(1, 'n', 5, 'x')", undefined, Date.UTC(2024, 0, 1))
  const full = { ...first, manifest: { ...first.manifest, columns: first.manifest.columns.slice(0, 4) } } as Previous // a dataset without the times
  const begun = await build("(1, 'n', 6, 'x')", full, Date.UTC(2024, 0, 2))
  await session.define(['begun'], { kind: 'parquet', files: begun.manifest.files.map(fileKey) })
  expect(await session.rows('select price, valid_to from begun')).toEqual([{ price: 6, valid_to: null }])
  const next = await build("(1, 'n', 5, 'y')", first, Date.UTC(2024, 0, 3))
  await session.define(['next'], { kind: 'parquet', files: next.manifest.files.map(fileKey) })
  expect(await session.rows('select note, valid_to is null as is_open from next order by valid_from')).toEqual([
    { note: 'x', is_open: false },
    { note: 'y', is_open: true },
  ])
})

it('that is gone in part is not begun anew, unless there was none', async () => {
  const first = await build("(1, 'n', 5, 'x')", undefined, Date.UTC(2024, 0, 1))
  const again = (previous: Previous) => build("(1, 'n', 6, 'x')", previous, Date.UTC(2024, 0, 2))
  await expect(again({ ...first, lost: 1 })).rejects.toMatchObject({
    code: 'history.lost',
    problems: [{ found: '1 file is missing', subject: 'd.p.o.v1.prices' }],
  })
  // Files of a source that were served in place say nothing of a past, and may well be others by now.
  const inPlace = { ...first, lost: 1, manifest: { ...first.manifest, layout: 'referenced' as const } }
  expect((await again(inPlace)).manifest.files).toMatchObject([{ rows: 1 }])
})
