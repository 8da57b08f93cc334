/** Two versions of a contract, compared: each change with what it is to readers and writers, and the version that follows. Pure. */
import {
  type ContractChange,
  type ContractSide,
  judged,
  type VersionVerdict,
  verdictOf,
  versionAfter,
} from './change.ts'
import { datasetChanges, type Origins } from './dataset-changes.ts'
import { promiseChanges } from './promise-changes.ts'
import type { Effect } from './rules.ts'
import { termChanges } from './term-changes.ts'

export interface ContractComparison {
  /** What breaks readers first. */
  readonly changes: readonly ContractChange[]
  readonly verdict: VersionVerdict
  /** The lowest version that the one before may become. */
  readonly proposedVersion?: string
}

export interface CompareOptions {
  /** What subjects of the changes begin with: the port's, or the contract's id. */
  readonly subject: string
  /** What columns are made from: a column with another name that is made from the same is the same. */
  readonly origins?: Origins
}

/** The one place that knows what a change of a contract means; the table of rules is docs/reference/changes.md. */
export const compareContracts = (
  before: ContractSide,
  after: ContractSide,
  { subject, origins }: CompareOptions,
): ContractComparison => {
  const changes = [
    ...termChanges(before, after),
    ...promiseChanges(before, after),
    ...datasetChanges(before, after, origins),
  ]
    .map(it => judged(it, subject))
    .sort(byWeight)
  const verdict = verdictOf(changes)
  const proposedVersion = versionAfter(before.document.version, verdict)
  return { changes, verdict, ...(proposedVersion === undefined ? {} : { proposedVersion }) }
}

const weight: Readonly<Record<Effect, number>> = { breaking: 0, additive: 1, none: 2 }

const byWeight = (a: ContractChange, b: ContractChange): number =>
  weight[a.reader] - weight[b.reader] ||
  weight[a.writer] - weight[b.writer] ||
  a.subject.localeCompare(b.subject) ||
  a.detail.localeCompare(b.detail)
