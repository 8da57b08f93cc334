/** What is said of drift that was found in a source, by the policy of its contract. */
import { type Problem, type Touched, WeftError } from '../../base/index.ts'
import { type Drift, driftProblems } from './drift.ts'
import { driftPolicyOf } from './drift-policy.ts'
import type { RefuseDrift, SourceRequest } from './land-part.ts'
import { readableServer } from './source.ts'

export interface DriftTeller {
  /** All of it, with whom it touches. */
  tell(drift: readonly Drift[], types?: ReadonlyMap<string, string>): Promise<Problem[]>
  /** Throws what the contract refuses, all of it at once. */
  readonly refuse: RefuseDrift
}

/** Throws `source.drift-policy` where the contract does not say its policy as it has to be said. */
export const driftTeller = (request: SourceRequest): DriftTeller => {
  const { contract, dataset } = request
  const { policy, problems: unclear } = driftPolicyOf(contract, readableServer(contract))
  const [wrong, ...others] = unclear
  if (wrong !== undefined) throw new WeftError('invalid', wrong, { more: others })
  const tell: DriftTeller['tell'] = async (drift, types) => {
    const touches = new Map<string, readonly Touched[]>()
    // What was added, nobody reads yet.
    const changed = drift.filter(it => it.kind !== 'added' && it.kind !== 'reordered').map(it => it.column)
    for (const column of new Set(changed)) touches.set(column, (await request.touchedBy?.(column)) ?? [])
    return driftProblems(drift, dataset, policy, { types, touches })
  }
  const refuse: RefuseDrift = async (drift, types) => {
    const [first, ...more] = (await tell(drift, types)).filter(it => it.severity === 'error')
    if (first !== undefined) throw new WeftError('failed', first, { more })
  }
  return { tell, refuse }
}
