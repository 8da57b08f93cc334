/** What the tests of measuring share: an engine, tables made from SQL as Parquet with ids or as CSV, rules without ceremony. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rule, RuleSeverity, RuleTest } from '../../domain/index.ts'
import { openEngine, type Relation, type Session } from '../../engine/index.ts'
import { type CheckResult, type Measured, type MeasureInput, measure } from './index.ts'

export interface Measuring {
  readonly session: Session
  /** The rows of a SELECT as one Parquet file with field ids. */
  table(sql: string): Promise<Relation>
  /** Measures with these tests as rules, all of severity error. */
  measure(relation: Relation, tests: readonly RuleTest[], options?: Partial<MeasureInput>): Promise<Measured>
  /** The verdicts alone. */
  checks(
    relation: Relation,
    tests: readonly RuleTest[],
    options?: Partial<MeasureInput>,
  ): Promise<readonly CheckResult[]>
  close(): Promise<void>
}

export const nowMs = Date.parse('2024-03-02T12:00:00Z')

export const ruleOf = (test: RuleTest, index = 0, severity: RuleSeverity = 'error'): Rule => ({
  id: `rule-${index}`,
  severity,
  test,
  place: { file: 'orders.odcs.yaml', line: index + 1, column: 1 },
})

export const openMeasuring = async (): Promise<Measuring> => {
  const folder = await mkdtemp(join(tmpdir(), 'weft-measure-'))
  const engine = await openEngine('duckdb')
  const session = await engine.open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
  const table = async (sql: string): Promise<Relation> => {
    const described = await session.describe(sql)
    const columns = described.map(({ name, type }, index) => ({ name, type, id: index + 1 }))
    const files = await session.write(sql, { folder: await mkdtemp(join(folder, 'table-')), columns })
    return { kind: 'parquet', files: files.map(it => it.path), columns }
  }
  const measureTests: Measuring['measure'] = (relation, tests, options = {}) =>
    measure({
      session,
      dataset: 'sales.shop.orders.v1.orders',
      relation,
      columns: relation.columns ?? [],
      rules: tests.map((test, index) => ruleOf(test, index)),
      other: async () => undefined,
      nowMs,
      profile: false,
      ...options,
    })
  return {
    session,
    table,
    measure: measureTests,
    checks: async (relation, tests, options) => (await measureTests(relation, tests, options)).measurement.checks,
    close: async () => {
      await session.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
