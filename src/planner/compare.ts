/** Two versions of a contract, a model or a mesh, compared: what `weft diff` tells. Reads files and asks the engine's parser; needs no catalogue. */
import { problem, WeftError } from '../base/index.ts'
import {
  compareContracts,
  type Effect,
  type Mesh,
  type VersionVerdict,
  verdictOf,
  versionAfter,
} from '../domain/index.ts'
import type { Parse } from '../sql/index.ts'
import { desiredEntities, type Entity } from './desired.ts'
import { type AppliedEntity, diff } from './diff.ts'
import { changedModels, modelChanges } from './model-changes.ts'
import type { Change } from './plan.ts'
import { plannerProblems } from './problems.ts'
import { partOf, type Side } from './sides.ts'
import { type PortVersion, portVersions } from './versions.ts'

export type ComparedChange = Change & { readonly reader: Effect; readonly writer: Effect; readonly why: string }

export interface Comparison {
  readonly verdict: VersionVerdict
  readonly changes: readonly ComparedChange[]
  /** The lowest version that would do, of the contract or product that was compared. */
  readonly proposedVersion?: string
  /** Of every port whose contract changed. */
  readonly versions: readonly PortVersion[]
}

/** Throws a usage error for things that cannot be compared. */
export const compare = async (before: Side, after: Side, parse: Parse): Promise<Comparison> => {
  const from = before.kind === 'mesh' ? partOf(before, after) : before
  const to = after.kind === 'mesh' ? partOf(after, before) : after
  if (from?.kind === 'contract' && to?.kind === 'contract') return compareTwoContracts(from, to)
  if (from?.kind === 'model' && to?.kind === 'model') return compareModels(from, to, parse)
  if (from?.kind === 'mesh' && to?.kind === 'mesh') return compareMeshes(from, to, parse)
  throw new WeftError(
    'usage',
    problem(plannerProblems, 'diff.not-alike', 'these two cannot be compared', {
      found: `${nameOf(before, from)} and ${nameOf(after, to)}`,
      expected: 'two contracts, two models, or two meshes',
    }),
  )
}

const nameOf = (given: Side, found: Side | undefined): string =>
  found === undefined ? `a ${given.kind} without it` : `a ${found.kind}`

type Of<Kind extends Side['kind']> = Side & { readonly kind: Kind }

const compareTwoContracts = (from: Of<'contract'>, to: Of<'contract'>): Comparison => {
  const { changes, verdict, proposedVersion } = compareContracts(from.side, to.side, { subject: to.subject })
  return {
    verdict,
    changes: changes.map(it => ({
      ...it,
      class: it.reader === 'breaking' ? 'breaking' : it.reader === 'additive' ? 'additive' : 'metadata',
    })),
    versions: [],
    ...(proposedVersion === undefined ? {} : { proposedVersion }),
  }
}

const modelWhy = 'rows or values differ; whether readers mind is for people to say'

const compareModels = async (from: Of<'model'>, to: Of<'model'>, parse: Parse): Promise<Comparison> => {
  const pair = { dataset: to.subject, before: from.text, after: to.text }
  const found = (await modelChanges(parse, [pair])).get(to.subject)
  if (found === undefined)
    throw new WeftError(
      'usage',
      problem(plannerProblems, 'diff.not-alike', 'a model is no SELECT that can be parsed', { found: to.file }),
    )
  const changes = found.changes.map(
    (it): ComparedChange => ({
      subject: it.column === undefined ? to.subject : `${to.subject}.${it.column}`,
      kind: 'model',
      change: it.change,
      class: 'data',
      detail: it.detail,
      file: to.file,
      line: 1,
      reader: 'none',
      writer: 'none',
      why: modelWhy,
    }),
  )
  return { verdict: verdictOf(changes), changes, versions: [] }
}

const compareMeshes = async (from: Of<'mesh'>, to: Of<'mesh'>, parse: Parse): Promise<Comparison> => {
  const [before, after] = [entitiesOf(from.mesh), entitiesOf(to.mesh)]
  const applied = new Map([...before].map(([key, it]) => [key, asApplied(it)]))
  const meanings = await modelChanges(parse, changedModels(after, applied))
  const { below } = to
  const isBelow = (subject: string): boolean =>
    below === undefined || subject === below || subject.startsWith(`${below}.`) || subject.startsWith(`${below}#`)
  const changes = diff(after, applied, new Set([root]), () => 0, meanings)
    .changes.filter(it => isBelow(it.subject))
    .map(judgedChange)
  const verdict = verdictOf(changes)
  const version = below === undefined ? undefined : from.mesh.products.get(below)?.version
  const proposedVersion = version === undefined ? undefined : versionAfter(version, verdict)
  return {
    verdict,
    changes,
    versions: portVersions(changes, to.mesh),
    ...(proposedVersion === undefined ? {} : { proposedVersion }),
  }
}

/** Two folders have roots of different names; what is compared is what they say. */
const root = 'root'

const entitiesOf = (mesh: Mesh): Map<string, Entity> =>
  new Map([...desiredEntities(mesh, new Map())].map(([key, it]) => [key, { ...it, root }]))

/** As if it had been applied. */
export const asApplied = ({ kind, subject, parent, root, hash, body, file, line }: Entity): AppliedEntity => ({
  entityId: '',
  kind,
  subject,
  parent,
  root,
  revision: 0,
  hash,
  body,
  file,
  line,
  fieldId: undefined,
})

/** What no contract says is judged by its class. */
const judgedChange = (it: Change): ComparedChange => ({
  ...it,
  reader: it.reader ?? (it.class === 'breaking' || it.class === 'additive' ? it.class : 'none'),
  writer: it.writer ?? 'none',
  why: it.why ?? whys[it.class],
})

const whys: Readonly<Record<Change['class'], string>> = {
  breaking: 'whoever reads it finds nothing, or something else',
  additive: 'there is more to use; nothing that was used is another',
  data: modelWhy,
  metadata: 'no row and no promise is another',
}
