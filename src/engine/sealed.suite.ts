/** A reader's session: it sees its relations and nothing else of the machine. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Engine, Session } from './index.ts'
import { batchesOf, columnsOf, refusalOf, useWorkspace } from './workspace.suite.ts'

export const sealedSuite = (open: () => Promise<Engine>): void => {
  describe('sealed', () => sealedTests(open))
}

const sealedTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  /** A sealed session over one CSV and one Parquet file; beside them lies a file of somebody else. */
  const openReader = async (writable?: string): Promise<{ session: Session; served: string; other: string }> => {
    const served = await at().file('served.csv', 'a\n1\n')
    const other = await at().file('other.csv', 'a\nsecret7\n')
    const columns = columnsOf(['a INTEGER'])
    const parquet = await at().parquet('select 2 as a', columns)
    const session = await at().openSealed({
      scratch: await at().emptyFolder(),
      relations: [
        { name: ['p', 'lines'], relation: { kind: 'csv', files: [served], columns, options: {} } },
        { name: ['d', 'p', 'orders'], relation: { kind: 'parquet', files: [parquet], columns } },
        { name: ['p', 'none'], relation: { kind: 'parquet', files: [], columns } },
      ],
      ...(writable === undefined ? {} : { writable }),
    })
    return { session, served, other }
  }

  /** Every way to run a text ends in an error of ours. */
  const expectRefused = async (session: Session, sql: string): Promise<void> => {
    await refusalOf(session.rows(sql))
    await refusalOf(session.run(sql))
    await refusalOf(session.query(sql).then(batchesOf))
  }

  it('answers from its relations', async () => {
    const { session } = await openReader()
    const sql = 'select a from p.lines union all select a from d.p.orders union all select a from p.none order by a'
    expect(await session.rows(sql)).toEqual([{ a: 1 }, { a: 2 }])
    expect(await batchesOf(await session.query('select ?::integer as a from p.lines', [5]))).toMatchObject([
      { rows: 1 },
    ])
  })

  it.each([
    ['by its path', (path: string) => `select * from '${path}'`],
    ['as text', (path: string) => `select * from read_text('${path}')`],
    ['as bytes', (path: string) => `select * from read_blob('${path}')`],
    ['as CSV', (path: string) => `select * from read_csv('${path}')`],
    ['by sniffing', (path: string) => `select * from sniff_csv('${path}')`],
    ['by a pattern', (path: string) => `select * from glob('${path}*')`],
    ['through a subquery', (path: string) => `select * from query('select * from read_text(''${path}'')')`],
    ['by way of its own folder', (path: string) => `select * from read_text('${path.replace('other', 'x/../other')}')`],
    ['by attaching', (path: string) => `attach '${path}' as stolen`],
  ])('cannot read another file %s', async (_, sql) => {
    const { session, other } = await openReader()
    await expectRefused(session, sql(other))
  })

  it.each([
    "set memory_limit = '8GB'",
    'reset memory_limit',
    'set enable_external_access = true',
    "set allowed_paths = ['/']",
    "set allowed_directories = ['/']",
    'set lock_configuration = false',
    'pragma enable_object_cache',
    "install 'httpfs'",
    'load httpfs',
    "select getenv('HOME')",
    "create secret s (type s3, key_id 'a', secret 'b')",
    'drop view p.lines',
    'create table p.extra as select 1 as a',
    'begin transaction',
    '',
  ])('does not take: %s', async sql => {
    const { session } = await openReader()
    await expectRefused(session, sql)
    expect(await session.rows('select a from p.lines')).toEqual([{ a: 1 }])
  })

  it('writes nowhere, not even over the files that it may read', async () => {
    const { session, served } = await openReader()
    const target = join(at().folder, 'stolen.csv')
    const before = await readdir(at().folder)
    for (const path of [target, served]) {
      await expectRefused(session, `copy (select 7 as a) to '${path}'`)
      await expectRefused(session, `copy (select 7 as a) to '${path}' (format csv, use_tmp_file false)`)
      await expectRefused(session, `select 1; copy (select 7 as a) to '${path}' (format csv, use_tmp_file false)`)
      await expectRefused(session, `explain analyze copy (select 7 as a) to '${path}' (format csv, use_tmp_file false)`)
    }
    await expectRefused(session, `export database '${at().folder}/stolen'`)
    expect(await readdir(at().folder)).toEqual(before)
    expect(await readFile(served, 'utf8')).toBe('a\n1\n')
  })

  it('writes to the one file that is writable', async () => {
    const target = join(at().folder, 'answer.parquet')
    const { session } = await openReader(target)
    await session.run(`copy (select a from p.lines) to '${target}' (format parquet)`)
    expect((await stat(target)).size).toBeGreaterThan(0)
    await expectRefused(session, `copy (select 7 as a) to '${target}.more' (format parquet)`)
    await expectRefused(session, `copy (select 7 as a) to '${target}' (format parquet); select 1`)
  })

  it('ends by its signal', async () => {
    const controller = new AbortController()
    const session = await at().openSealed({ scratch: await at().emptyFolder(), signal: controller.signal })
    controller.abort()
    expect((await refusalOf(session.rows('select 1'))).code).toBe('engine.interrupted')
  })

  it('describes without running, and refuses what it cannot bind', async () => {
    const { session } = await openReader()
    expect(await session.describe('select a, error($$it ran$$) as b from p.lines')).toHaveLength(2)
    expect(await refusalOf(session.describe('select nope from p.lines'))).toMatchObject({ position: 7 })
  })
}
