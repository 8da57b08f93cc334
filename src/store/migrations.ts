/** Plain SQL, forward only: each file runs once, in order, in a transaction with the line that records it. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashText, inPackage, problem, WeftError } from '../base/index.ts'
import { storeProblems } from './problems.ts'

const folder = inPackage('src/store/migrations')

type Script = (sql: string) => Promise<void>
type Query = (sql: string, parameters: readonly unknown[]) => Promise<{ rows: Record<string, unknown>[] }>

const files = async (): Promise<{ name: string; sql: string }[]> => {
  const names = (await readdir(folder)).filter(name => name.endsWith('.sql')).sort()
  return Promise.all(names.map(async name => ({ name, sql: await readFile(join(folder, name), 'utf8') })))
}

/** Hash of all migrations: a ready catalogue fits only the ones that it was made with. */
export const migrationsHash = async (): Promise<string> =>
  hashText((await files()).map(file => `${file.name}\n${file.sql}`).join('\n'))

/** Brings the catalogue to this version. Throws `store.newer` where it is ahead. */
export const migrate = async (script: Script, query: Query, lock = ''): Promise<void> => {
  const all = await files()
  const { rows } = await query("select to_regclass('migration')::text as name", [])
  const done =
    rows[0]?.name === null ? [] : (await query('select name from migration', [])).rows.map(row => String(row.name))
  const unknown = done.find(name => !all.some(file => file.name === name))
  if (unknown !== undefined)
    throw new WeftError(
      'unreachable',
      problem(
        storeProblems,
        'store.newer',
        `the catalogue has the change ${unknown}, which this version does not know`,
      ),
    )
  if (all.every(file => done.includes(file.name))) return
  const pending = all.filter(file => !done.includes(file.name))
  const body = pending
    .map(file => `${file.sql}\ninsert into migration (name, hash) values ('${file.name}', '${hashText(file.sql)}');`)
    .join('\n')
  await script(
    `begin; set local statement_timeout = 0; ${lock} create table if not exists migration (name text primary key, hash text not null, at timestamptz not null default now());\n${body}\ncommit;`,
  )
}

/** The ready data directory that the build made, where it fits this version. */
export const readyArchive = async (): Promise<string | undefined> => {
  const path = inPackage(`dist/store/ready-${(await migrationsHash()).slice(0, 12)}.tar`)
  return (await stat(path).catch(() => undefined)) === undefined ? undefined : path
}
