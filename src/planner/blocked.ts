/** What a plan may not do without a person's word: breaking changes and removals, each allowed by its name. Pure. */

import { type Problem, problem } from '../base/index.ts'
import { productOf } from '../domain/index.ts'
import type { Entity } from './desired.ts'
import { type AppliedEntity, portOf } from './diff.ts'
import type { Change, Consequence } from './plan.ts'
import { plannerProblems } from './problems.ts'
import type { PortVersion } from './versions.ts'

export interface Allowed {
  readonly breaking: readonly string[]
  readonly removal: readonly string[]
}

/** Whether a permission names the subject, or something that it is part of. */
export const covers = (allowed: readonly string[], subject: string): boolean =>
  allowed.some(it => it === subject || subject.startsWith(`${it}.`) || subject.startsWith(`${it}#`))

/** What a contract is made of: allowed by the name of its port. */
const isPart = ({ kind }: Change): boolean => kind === 'column' || kind === 'check' || kind === 'promise'

const steps = ({ proposal }: Change): string => (proposal === undefined ? '' : `; or ${proposal}`)

/** A removal of a whole thing needs a permission for removals; for ports and datasets the one for breaking changes will do. */
const isAllowed = (change: Change, allowed: Allowed): boolean => {
  if (change.change !== 'removed' || isPart(change)) return covers(allowed.breaking, change.subject)
  if (covers(allowed.removal, change.subject)) return true
  return (change.kind === 'outputPort' || change.kind === 'dataset') && covers(allowed.breaking, change.subject)
}

const needsWord = (change: Change): boolean =>
  change.class === 'breaking' ||
  (change.change === 'removed' && (change.kind === 'product' || change.kind === 'domain'))

/** Problems that stop the plan; empty where everything that needs a person's word has it. */
export const blockedBy = (
  changes: readonly Change[],
  consequences: readonly Consequence[],
  applied: ReadonlyMap<string, AppliedEntity>,
  allowed: Allowed,
  versions: readonly PortVersion[],
): Problem[] => {
  const stopped = changes.filter(
    change => needsWord(change) && !isAllowed(change, allowed) && !isFreeToChange(change, consequences, applied),
  )
  // A removed product or port says it for all that it had.
  const tops = stopped.filter(
    change =>
      !stopped.some(
        other => other !== change && other.change === 'removed' && change.subject.startsWith(`${other.subject}.`),
      ),
  )
  return tops.map(change => {
    const hit = consequences.filter(it => it.subject === change.subject || it.subject.startsWith(`${change.subject}.`))
    const who = [...new Set(hit.map(it => `${it.consumer.name} (${it.owner})`))]
    const removal = change.change === 'removed' && !isPart(change)
    const flag = removal ? '--allow-removal' : '--allow-breaking'
    const name = removal || !isPart(change) ? change.subject : portOf(change.subject)
    const proposed = versions.find(it => it.port === portOf(change.subject))?.proposed
    return problem(
      plannerProblems,
      removal ? 'plan.removal' : 'contract.breaking-change',
      `${change.subject}: ${change.detail}${who.length === 0 ? '' : `; read by ${who.join(', ')}`}`,
      {
        ...(change.file === undefined || change.line === undefined
          ? {}
          : { place: { file: change.file, line: change.line, column: 1 } }),
        subject: change.subject,
        help: removal
          ? `allow it by name: ${flag} ${name}`
          : `publish ${proposed ?? 'a new major'} beside this one${steps(change)}, or allow it by name: ${flag} ${name}`,
      },
    )
  })
}

/** A product that is only proposed or a draft may still change, as long as nobody reads it. */
const isFreeToChange = (
  change: Change,
  consequences: readonly Consequence[],
  applied: ReadonlyMap<string, AppliedEntity>,
): boolean => {
  const product = productOf(change.subject)
  const body = applied.get(`product ${product}`)?.body as { status?: string } | undefined // bodies of products are written by desired.ts only
  if (body?.status !== 'draft' && body?.status !== 'proposed') return false
  return !consequences.some(it => it.subject === change.subject || it.subject.startsWith(`${change.subject}.`))
}

/** A root that comes out empty, or loses more than a fifth of its subjects, is blocked until each removal is named. */
export const lostRoots = (
  applied: ReadonlyMap<string, AppliedEntity>,
  desired: ReadonlyMap<string, Entity>,
  removed: readonly string[],
  givenRoots: ReadonlySet<string>,
  allowed: Allowed,
  /** Products that are neither in `applied` nor in `desired`, since they are the same in both; by root. */
  unchanged: ReadonlyMap<string, number> = new Map(),
): Problem[] =>
  [...givenRoots].flatMap(root => {
    const before = [...applied.values()].filter(
      it => it.root === root && (it.kind === 'product' || it.kind === 'domain'),
    )
    const gone = removed.flatMap(key => {
      const it = applied.get(key)
      return it?.root === root && (it.kind === 'product' || it.kind === 'domain') ? [it] : []
    })
    const same = unchanged.get(root) ?? 0
    const left = [...desired.values()].filter(it => it.root === root).length + same
    const known = before.length + same
    if (known === 0 || gone.length === 0 || (left > 0 && gone.length * 5 <= known)) return []
    const unnamed = gone.filter(it => !covers(allowed.removal, it.subject)).map(it => it.subject)
    if (unnamed.length === 0) return []
    return [
      problem(
        plannerProblems,
        'plan.root-lost',
        `root ${root} lost ${gone.length} of its ${known} domains and products`,
        {
          subject: root,
          found: `no definition of ${unnamed.slice(0, 5).join(', ')}${unnamed.length > 5 ? ` and ${unnamed.length - 5} more` : ''}`,
          expected: 'all of them, or each removal allowed by name',
          help: unnamed
            .slice(0, 5)
            .map(subject => `--allow-removal ${subject}`)
            .join(' '),
        },
      ),
    ]
  })
