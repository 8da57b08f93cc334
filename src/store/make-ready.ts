/** Run by the build: a data directory with all migrations, so that the first command does not wait for one to be made. */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { inPackage } from '../base/index.ts'
import { migrate, migrationsHash } from './migrations.ts'

const folder = inPackage('dist/store')
const name = `ready-${(await migrationsHash()).slice(0, 12)}.tar`
const path = join(folder, name)
if ((await stat(path).catch(() => undefined)) === undefined) {
  await mkdir(folder, { recursive: true })
  for (const old of await readdir(folder)) if (old.startsWith('ready-')) await rm(join(folder, old))
  const db = await PGlite.create()
  await migrate(
    async sql => void (await db.exec(sql)),
    (sql, parameters) => db.query<Record<string, unknown>>(sql, [...parameters]),
  )
  await db.exec('checkpoint')
  const archive = await db.dumpDataDir('none')
  await writeFile(path, new Uint8Array(await archive.arrayBuffer()))
  await db.close()
}
