/** What the tests of this folder share: the engine's own parser, opened once a file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openEngine, type Session } from '../engine/index.ts'
import { parseSelects, type Select } from './index.ts'

export interface Parsing {
  session(): Session
  /** The tree of a text that must be one SELECT. */
  select(text: string): Promise<Select>
}

export const useParser = (): Parsing => {
  let scratch: string
  let session: Session
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'weft-sql-'))
    const engine = await openEngine('duckdb')
    session = await engine.open({ memory: 256 * 1024 ** 2, threads: 1, scratch })
  })
  afterAll(async () => {
    await session.close()
    await rm(scratch, { recursive: true, force: true })
  })
  return {
    session: () => session,
    select: async text => {
      const [parsed] = await parseSelects(texts => session.parse(texts), [text])
      if (parsed?.ok !== true) throw new Error(`${text} cannot be parsed: ${parsed?.message}`)
      return parsed
    },
  }
}
