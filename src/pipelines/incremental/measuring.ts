/** Measures a dataset, as far as possible from what was left behind when its files of before were measured. */
import type { Dataset } from '../../domain/index.ts'
import type { Relation, Session } from '../../engine/index.ts'
import { type Measured, measure } from '../measure/index.ts'

export interface MeasuringInput {
  readonly session: Session
  readonly dataset: Dataset
  /** All rows; those of partitions that are as they were before; those of before that are not; and all others. */
  readonly relation: Relation
  readonly old: Relation
  readonly gone: Relation
  readonly fresh: Relation
  /** `memory` of the snapshot before. */
  readonly before: unknown
  readonly other: (dataset: string) => Promise<Relation | undefined>
  /** Equal means equal rows. */
  readonly contentOf: (dataset: string) => Promise<string | undefined>
  readonly nowMs: number
}

/** The verdicts of measuring everything, and what the next measuring needs. */
export const measureIncrement = async (input: MeasuringInput): Promise<Measured> => {
  const { session, dataset, relation, old, gone, fresh, other, nowMs } = input
  const targets = dataset.rules.flatMap(rule => (rule.test.kind === 'foreignKey' ? [rule.test.to] : []))
  const contents: Record<string, string> = {}
  for (const target of new Set(targets)) contents[target] = (await input.contentOf(target)) ?? ''
  const before = remembered(input.before)
  const changedOther = (target: string): boolean => contents[target] !== before?.contents[target]
  const measured = await measure({
    session,
    dataset: dataset.subject,
    relation,
    columns: dataset.columns,
    rules: dataset.rules,
    other,
    nowMs,
    profile: true,
    ...(before === undefined ? {} : { parts: { old, fresh, gone, before: before.measured, changedOther } }),
  })
  return { ...measured, memory: { contents, measured: measured.memory } }
}

const remembered = (
  value: unknown,
): { readonly contents: Readonly<Record<string, string>>; readonly measured: unknown } | undefined => {
  if (typeof value !== 'object' || value === null || !('measured' in value) || !('contents' in value)) return undefined
  const { contents, measured } = value
  return typeof contents === 'object' && contents !== null
    ? { contents: Object.fromEntries(Object.entries(contents).map(([key, it]) => [key, String(it)])), measured }
    : undefined
}
