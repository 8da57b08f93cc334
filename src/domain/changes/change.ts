/** A change of a contract with what it means for readers and writers, the verdict over several, and the version that follows. Pure. */
import type { Place } from '../../base/index.ts'
import type { ContractDocument } from '../contract/documents.ts'
import type { Definition } from '../definition.ts'
import { parseVersion } from '../version.ts'
import { type ChangeRuleId, changeRules, type Effect } from './rules.ts'

/** One version of a contract: what it says, and where. */
export interface ContractSide {
  readonly document: ContractDocument
  readonly at: Definition['at']
}

export type ChangedKind = 'outputPort' | 'contract' | 'dataset' | 'column' | 'check' | 'promise'

/** What was found to differ: `name` is what stands behind the subject of the contract, `.orders.total` or `#latency`. */
export interface Found {
  readonly rule: ChangeRuleId
  readonly kind: ChangedKind
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed' | 'renamed'
  readonly detail: string
  readonly from?: string
  readonly to?: string
  /** Where it stands: in the document before where something was removed, else in the one after. */
  readonly place: Place
  /** How the same could be had without breaking anybody. */
  readonly proposal?: string
}

export interface ContractChange extends Omit<Found, 'name' | 'place'> {
  /** `sales.shop-orders.orders.v1.order_lines.total`; a part inside of a column: `....lines[].sku`. */
  readonly subject: string
  readonly reader: Effect
  readonly writer: Effect
  readonly why: string
  readonly file?: string
  readonly line?: number
}

/** By what a change is to readers: ports are read. */
export type VersionVerdict = 'major' | 'minor' | 'patch' | 'none'

interface Judged {
  readonly rule?: ChangeRuleId
  readonly reader: Effect
}

/** A new version by itself changes nothing. */
export const verdictOf = (changes: readonly Judged[]): VersionVerdict => {
  const told = changes.filter(it => it.rule !== 'contract.version')
  if (told.some(it => it.reader === 'breaking')) return 'major'
  if (told.some(it => it.reader === 'additive')) return 'minor'
  return told.length > 0 ? 'patch' : 'none'
}

/** What is to writers, in the same words. */
export const writerVerdictOf = (changes: readonly { readonly writer: Effect }[]): Effect =>
  changes.some(it => it.writer === 'breaking')
    ? 'breaking'
    : changes.some(it => it.writer === 'additive')
      ? 'additive'
      : 'none'

/** The lowest version that may follow; undefined where the one before is no version. */
export const versionAfter = (before: string, verdict: VersionVerdict): string | undefined => {
  const version = parseVersion(before)
  if (version === undefined) return undefined
  const { major, minor, patch } = version
  switch (verdict) {
    case 'major':
      return `${major + 1}.0.0`
    case 'minor':
      return `${major}.${minor + 1}.0`
    case 'patch':
      return `${major}.${minor}.${patch + 1}`
    case 'none':
      return `${major}.${minor}.${patch}`
  }
}

/** Whether a version has moved far enough; one that is no version is judged elsewhere. */
export const isVersionEnough = (before: string, after: string, verdict: VersionVerdict): boolean => {
  const [from, to] = [parseVersion(before), parseVersion(after)]
  if (from === undefined || to === undefined || verdict === 'none') return true
  if (to.major !== from.major) return to.major > from.major
  if (verdict === 'major') return false
  if (to.minor !== from.minor) return to.minor > from.minor
  return verdict === 'patch' && to.patch > from.patch
}

/** With what its rule says. */
export const judged = ({ name, place, ...found }: Found, subject: string): ContractChange => {
  const { reader, writer, why } = changeRules[found.rule]
  const { file, line } = place
  return { ...found, subject: `${subject}${name}`, reader, writer, why, ...(file === '' ? {} : { file, line }) }
}

/** Shown in a sentence: texts as they are, other values as JSON, long ones cut. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
