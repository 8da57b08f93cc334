/** How statements end that cannot go on. */
import { describe, expect, it } from 'vitest'
import { type Engine, StatementError } from './index.ts'
import { batchesOf, columnsOf, refusalOf, textOf, useWorkspace } from './workspace.suite.ts'

export const failureSuite = (open: () => Promise<Engine>): void => {
  describe('refused statements', () => refusalTests(open))
  describe('limits and interrupts', () => limitTests(open))
}

const endless = 'select count(*) as n from range(100000000000) t(i) where sin(i) > 2'

const refusalTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  const wide = Array.from({ length: 60 }, (_, index) => `a as a${index}`).join(', ')
  it.each([
    ['on the first line', 'select nope from (select 1 as a)', 7],
    ['on a later line', 'select\n  a,\n  nope\nfrom (select 1 as a)', 14],
    ['behind letters of several bytes', "select 'äöü😀' as x, nope from (select 1 as a)", 21],
    ['far to the right', `select ${wide}, nope from (select 1 as a)`, 9 + wide.length],
  ])('tells the place of a wrong name %s', async (_, sql, position) => {
    const { session } = at()
    for (const work of [() => session.rows(sql), () => session.query(sql), () => session.describe(sql)]) {
      const error = await refusalOf(work())
      expect(error).toBeInstanceOf(StatementError)
      expect(error).toMatchObject({ code: 'engine.sql', errorClass: 'Binder Error', position })
      expect(error.message).toContain('nope')
    }
  })

  it('tells the place of a text that is no SQL, whatever asks', async () => {
    const { session } = at()
    const sql = 'select 1 frm t x'
    for (const work of [() => session.rows(sql), () => session.query(sql), () => session.run(sql)]) {
      const error = await refusalOf(work())
      expect(error).toMatchObject({ code: 'engine.sql', errorClass: 'Parser Error', position: 13 })
    }
  })

  it('names an unknown relation', async () => {
    const error = await refusalOf(at().session.rows('select * from nowhere'))
    expect(error).toMatchObject({ code: 'engine.sql', errorClass: 'Catalog Error', position: 14 })
    expect(error.message).toContain('nowhere')
  })

  it('shows no row where a statement cannot be bound', async () => {
    await at().session.run("create table people as select 'secret7' as name")
    const error = await refusalOf(at().session.rows('select nme from people'))
    expect(textOf(error)).not.toContain('secret7')
  })

  it.each([
    ['a cast', 'select name::integer from people'],
    ['a regular expression', "select regexp_matches(name, name || '(') from people"],
    ['an aggregate', 'select sum(name::double) from people'],
    ['an error of the statement', 'select error(name) from people'],
    ['a scalar subquery of two rows', 'select (select name from people union all select name from people)'],
  ])('shows no row where %s fails while it runs', async (_, sql) => {
    await at().session.run("create table people as select 'secret7' as name")
    const { session } = at()
    for (const work of [() => session.rows(sql), async () => batchesOf(await session.query(sql))]) {
      const error = await refusalOf(work())
      expect(error.code).toBe('engine.runtime')
      expect(textOf(error)).not.toContain('secret7')
    }
  })

  it('says so where a parameter is missing', async () => {
    await expect(at().session.rows('select ?::integer')).rejects.toMatchObject({ code: 'engine.runtime' })
  })
}

const limitTests = (open: () => Promise<Engine>): void => {
  const at = useWorkspace(open)

  it('ends whatever runs when its signal says so, and takes nothing more', async () => {
    const { signal, end } = endAfterStart()
    const session = await at().open({ signal })
    const work = [session.rows(endless), session.query(endless).then(batchesOf)].map(refusalOf)
    end()
    for (const error of await Promise.all(work)) expect(error.code).toBe('engine.interrupted')
    expect((await refusalOf(session.rows('select 1'))).code).toBe('engine.interrupted')
  })

  it('ends a statement that was asked for and has not begun', async () => {
    const controller = new AbortController()
    const session = await at().open({ signal: controller.signal })
    const work = [session.rows(endless), session.query(endless).then(batchesOf), session.run(endless)].map(refusalOf)
    controller.abort()
    for (const error of await Promise.all(work)) expect(error.code).toBe('engine.interrupted')
  })

  it('ends a stream between two batches', async () => {
    const controller = new AbortController()
    const session = await at().open({ signal: controller.signal })
    const result = await session.query('select i from range(100000000) t(i)')
    const loop = async (): Promise<void> => {
      for await (const batch of result.batches()) if (batch.rows > 0) controller.abort()
    }
    expect((await refusalOf(loop())).code).toBe('engine.interrupted')
  })

  it('ends a write', async () => {
    const { signal, end } = endAfterStart()
    const session = await at().open({ signal })
    const folder = await at().emptyFolder()
    const work = refusalOf(session.write(endless, { folder, columns: columnsOf(['n BIGINT']) }))
    end()
    expect((await work).code).toBe('engine.interrupted')
  })

  it('refuses what does not fit in its memory and cannot be spilled, and goes on', async () => {
    const session = await at().open({ memory: 64 * 1024 ** 2 })
    const error = await refusalOf(
      session.rows('select length(string_agg(i::varchar, $$,$$)) as n from range(100000000) t(i)'),
    )
    expect(error.code).toBe('engine.out-of-memory')
    expect(await session.rows('select 1 as a')).toEqual([{ a: 1 }])
  })

  it('spills what does not fit in its memory', async () => {
    const session = await at().open({ memory: 64 * 1024 ** 2 })
    const rows = await session.rows(
      'select count(*) as n from (select hash(i) as h, repeat(i::varchar, 8) as t from range(2000000) t(i) order by h)',
    )
    expect(rows).toEqual([{ n: 2_000_000 }])
  })
}

/** A signal that ends once the statements that were just started have reached the engine's threads. */
const endAfterStart = (): { readonly signal: AbortSignal; readonly end: () => void } => {
  const controller = new AbortController()
  return { signal: controller.signal, end: () => setTimeout(() => controller.abort(), 100) }
}
