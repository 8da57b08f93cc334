import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import { openStore } from '../store/index.ts'
import { startPostgres } from '../store/postgres.suite.ts'
import { newPlace } from '../store/store.suite.ts'
import { graphSuite } from './graph.suite.ts'

const root = await mkdtemp(join(tmpdir(), 'weft-lineage-'))
const server = await startPostgres()
afterAll(async () => {
  await rm(root, { recursive: true, force: true })
  if (typeof server !== 'string') await server.stop()
})

graphSuite('the embedded catalogue', () =>
  openStore({ where: join(root, 'catalogue'), lockPath: join(root, 'lock'), limits: defaultLimits }),
)

describe.skipIf(typeof server === 'string')(`PostgreSQL${typeof server === 'string' ? ` (${server})` : ''}`, () => {
  graphSuite('PostgreSQL', async () => {
    const url = typeof server === 'string' ? '' : server.url
    const place = newPlace()
    const client = new pg.Client({ connectionString: `${url}postgres` })
    await client.connect()
    await client.query(`create database ${place}`)
    await client.end()
    return openStore({ where: `${url}${place}`, lockPath: '/nowhere', limits: defaultLimits })
  })
})
