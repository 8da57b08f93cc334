import { existsSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WeftError } from '../base/index.ts'
import { allowedRead, parseSelects } from '../sql/index.ts'
import { answer, failureOf, folder, isBuilt, pool, session, storage, usePublished } from './published.suite.ts'

usePublished()

describe.skipIf(!isBuilt)('what the list lets through finds nothing either (needs `npm run build`)', () => {
  const attempts = (): [string, string][] => [
    ['a file by its path', "select * from '/etc/hostname'"],
    ['another dataset’s file', `select * from '${join(folder, 'storage')}/salaries/pay.v1/pay/data/x.parquet'`],
    ['a reader function', "select * from read_text('/etc/hostname')"],
    ['the environment', "select getenv('PATH')"],
    ['settings', "select current_setting('memory_limit')"],
    ['the list of settings', 'select * from duckdb_settings()'],
    ['unlocking', 'set lock_configuration = false'],
    ['an extension', 'install httpfs'],
    ['loading', 'load httpfs'],
    ['the network', "select * from 'https://example.com/x.parquet'"],
    ['attaching', "attach 'other.db'"],
    ['writing', "copy (select 1) to 'out.csv'"],
    ['a second statement', 'select 1; select 2'],
    ['tables of the engine', 'select * from information_schema.tables'],
    ['statistics', 'select stats(word) from finance.salaries.pay'],
    ['dynamic SQL', "select * from query('select 1')"],
    ['a table by its text', "select * from query_table('finance.salaries.pay')"],
    ['an internal view', 'select * from memory.main.sqlite_master'],
  ]

  test('each attempt is refused with a usage error that tells nothing', async () => {
    for (const [what, sql] of attempts()) {
      const error = await failureOf(sql)
      expect(error.kind, what).toBe('usage')
      expect(error.code, what).toMatch(/^query\.(not-allowed|not-a-select|unknown-dataset)$/)
      expect(error.message, what).not.toMatch(/topsecret|987654/)
    }
  })
})

const attacksPath = resolve('../shared/bench/attacks/statements.json')

test.skipIf(!isBuilt || !existsSync(attacksPath))(
  'shared attacks that the list lets through show nothing (needs `npm run build` and ../shared)',
  async () => {
    const attacks = JSON.parse(readFileSync(attacksPath, 'utf8')) as { name: string; sql: string }[] // the file's shape is its own
    const data = join(folder, 'storage/salaries/pay.v1/pay/data')
    const answered: string[] = []
    const attack = async ({ name, sql }: { name: string; sql: string }): Promise<void> => {
      // Texts on the heap are outside the engine's limit of memory: the statement answers a length, and takes a gigabyte for it.
      if (sql.includes('1000000000')) return
      const text = sql.replaceAll('{{data}}', data).replaceAll('{{tmp}}', folder)
      try {
        const { rows } = await answer(text)
        answered.push(name)
        expect(JSON.stringify(rows), name).not.toMatch(/topsecret|987654/)
      } catch (error) {
        expect(error, name).toBeInstanceOf(WeftError)
        expect(String(error), name).not.toMatch(/topsecret|987654/)
      }
    }
    const parsed = await parseSelects(
      texts => session.parse(texts),
      attacks.map(it => it.sql),
    )
    const passing = attacks.filter((_, index) => {
      const select = parsed[index]
      return select?.ok === true && allowedRead(select).length === 0
    })
    expect(passing.length).toBeGreaterThan(0)
    // The pool lets in a few at a time.
    await Promise.all(passing.map(attack))
    // They read nothing but their own literals.
    expect(answered.length).toBeLessThan(8)
  },
  120_000,
)

/** The sealed process alone, as if the list had let everything through. */
describe.skipIf(!isBuilt)('the sealed process holds by itself (needs `npm run build`)', () => {
  const sealed = async (sql: string): Promise<unknown[]> => {
    const reader = await pool.take()
    try {
      const spill = join(reader.folder, 'spill')
      reader.send({ kind: 'read', sql, relations: [], memory: 256 * 1024 ** 2, threads: 1, spill })
      const answers: unknown[] = []
      for (;;) {
        const next = await reader.next()
        answers.push(next)
        if (next.kind === 'end' || next.kind === 'failed') return answers
        if (next.kind === 'frame') reader.send({ kind: 'ack' })
      }
    } finally {
      await pool.give(reader)
    }
  }
  const secretFile = async (): Promise<string> => {
    for await (const { key } of storage.list('salaries/pay.v1/pay/data/')) return storage.localPath(key)
    throw new Error('no file')
  }

  test('it opens no file but those that it was given', async () => {
    const file = await secretFile()
    expect((await stat(file)).size).toBeGreaterThan(0)
    for (const sql of [
      `select * from '${file}'`,
      `select * from read_parquet('${file}')`,
      `select * from read_blob('${file}')`,
      "select * from read_text('/etc/hostname')",
      "select * from glob('/etc/*')",
      `select * from parquet_metadata('${file}')`,
      `attach '${join(folder, 'other.db')}'`,
      `copy (select 1) to '${join(folder, 'stolen.csv')}'`,
      'install httpfs',
      'load httpfs',
      "load '/tmp/evil.duckdb_extension'",
      "select * from 'https://example.com/x.parquet'",
      'set enable_external_access = true',
      'set lock_configuration = false',
      "set memory_limit = '100GB'",
      "set allowed_directories = ['/']",
      "export database '/tmp/x'",
    ]) {
      const answers = await sealed(sql)
      expect(answers.at(-1), sql).toMatchObject({ kind: 'failed' })
      expect(JSON.stringify(answers), sql).not.toMatch(/topsecret|987654/)
    }
    expect(existsSync(join(folder, 'stolen.csv'))).toBe(false)
  })

  test('its environment is empty', async () => {
    process.env.WEFT_SECRET_PROBE = 'topsecret'
    try {
      const answers = await sealed("select coalesce(getenv('WEFT_SECRET_PROBE'), 'none') as a")
      expect(JSON.stringify(answers)).not.toContain('topsecret')
    } finally {
      delete process.env.WEFT_SECRET_PROBE
    }
  })
})
