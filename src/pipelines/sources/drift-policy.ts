/** What a contract asks to be done where the columns of its files differ: the custom property `drift` of the server. Pure. */
import { didYouMean, type Problem, problem } from '../../base/index.ts'
import type { Contract, Mesh, Path, Server } from '../../domain/index.ts'
import { pipelineProblems } from '../problems.ts'

export type DriftKind = 'added' | 'removed' | 'renamed' | 'reordered' | 'retyped'
export type DriftAction = 'ignore' | 'propose' | 'refuse'
export type DriftPolicy = Readonly<Record<DriftKind, DriftAction>>

const defaults: DriftPolicy = {
  added: 'propose',
  removed: 'refuse',
  renamed: 'refuse',
  reordered: 'ignore',
  retyped: 'refuse',
}

const actions: readonly DriftAction[] = ['ignore', 'propose', 'refuse']
/** Columns are found by name: their order harms nobody. */
const actionsOf = (kind: string): readonly DriftAction[] => (kind === 'reordered' ? ['ignore'] : actions)

/** One word for all kinds, or one for each. What is not said as it has to be is told at its place, and the default holds for it. */
export const driftPolicyOf = (
  contract: Contract,
  server: Server,
): { readonly policy: DriftPolicy; readonly problems: readonly Problem[] } => {
  const declared = server.options.drift
  if (declared === undefined) return { policy: defaults, problems: [] }
  const problems: Problem[] = []
  const tell = (found: string, expected: readonly string[], path: Path, what: 'key' | 'value'): void => {
    problems.push(
      problem(pipelineProblems, 'source.drift-policy', `"${found}" says nothing about drift`, {
        place: placeOf(contract, server, path, what),
        found,
        expected: expected.join(', '),
        help: didYouMean(found, expected),
        subject: contract.subject,
      }),
    )
  }
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared)) {
    const action = actions.find(it => it === declared)
    if (action === undefined) tell(wordOf(declared), actions, [], 'value')
    else
      return {
        policy: { added: action, removed: action, renamed: action, retyped: action, reordered: 'ignore' },
        problems,
      }
    return { policy: defaults, problems }
  }
  const policy: Record<string, DriftAction> = { ...defaults }
  for (const [kind, value] of Object.entries(declared)) {
    const known = actionsOf(kind)
    const action = known.find(it => it === value)
    if (!Object.hasOwn(defaults, kind)) tell(kind, Object.keys(defaults), [kind], 'key')
    else if (action === undefined) tell(wordOf(value), known, [kind], 'value')
    else policy[kind] = action
  }
  return { policy: { ...defaults, ...policy }, problems }
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Where the property stands, or a key or value within it. */
const placeOf = (contract: Contract, server: Server, path: Path, what: 'key' | 'value') => {
  const index = contract.servers.indexOf(server)
  // The document was parsed: a server has a list of properties where it has this one.
  const { servers } = contract.body as { servers?: readonly { customProperties?: readonly { property: string }[] }[] }
  const at = servers?.[index]?.customProperties?.findLastIndex(it => it.property === 'drift') ?? -1
  return at < 0 ? server.place : contract.at(['servers', index, 'customProperties', at, 'value', ...path], what)
}

/** What is wrong with the policies of all sources of a mesh, each contract once. */
export const driftPolicyProblems = (mesh: Mesh): Problem[] => {
  const sources = [...mesh.products.values()].flatMap(product =>
    product.inputs.flatMap(({ target }) => (target.kind === 'source' ? [target.contract] : [])),
  )
  return [...new Map(sources.map(it => [it.subject, it])).values()].flatMap(contract => {
    const server = fileServer(contract)
    return server === undefined ? [] : driftPolicyOf(contract, server).problems
  })
}

/** The server that files of a source are read from. */
export const fileServer = (contract: Contract): Server | undefined =>
  contract.servers.find(it => it.type === 'local' || it.type === 'file')
