/** How many snapshots of a dataset are kept, and how old its rows may be, as policies say it. Pure. */
import { parseDuration } from '../../base/index.ts'
import type { Definition, Mesh } from '../../domain/index.ts'
import { type PolicyDocument, policyDocument } from './documents.ts'
import { type Selectable, type Selector, selectedDatasets } from './selection.ts'

/** A snapshot stays where any of these wants it. */
export interface Keep {
  /** The newest so many. */
  readonly count?: number
  /** What was served within this time. */
  readonly ageMs?: number
}

/** Rows whose instant lies longer ago are not in new snapshots. */
export interface KeepRows {
  /** The policy's subject and the rule's id: `retention/order-lines`. */
  readonly policy: string
  /** The column that tells the age of a row. */
  readonly by: string
  readonly keepMs: number
}

interface RetentionRule {
  readonly id: string
  readonly on?: Selector
  readonly keepSnapshots?: number | string
  readonly keepRows?: string
  readonly by?: string
}

/** A rule about rows, and what it covers, whatever the policy's mode. */
export interface RowRule {
  readonly definition: Definition
  /** Its place in the document. */
  readonly index: number
  readonly by: string
  readonly covers: readonly Selectable[]
}

/** The rules that hold for each dataset. Policies that only observe or warn, or hold from a later day, delete nothing. */
export const snapshotRetention = (mesh: Mesh, today: string): ((dataset: string) => readonly Keep[]) =>
  byDataset(mesh, today, ({ keepSnapshots }) => keepOf(keepSnapshots))

/** The same for rows. All of them hold: of several by one column, the strictest does. */
export const rowRetention = (mesh: Mesh, today: string): ((dataset: string) => readonly KeepRows[]) =>
  byDataset(mesh, today, ({ id, keepRows, by }, policy): KeepRows | undefined => {
    const keepMs = keepRows === undefined ? undefined : parseDuration(keepRows)
    return keepMs === undefined || by === undefined ? undefined : { policy: `${policy}/${id}`, by, keepMs }
  })

/** Every rule about rows that is not off, so that its column can be checked. */
export const rowRules = (mesh: Mesh): RowRule[] =>
  policiesOf(mesh).flatMap(({ definition, policy }) =>
    policy.mode === 'off'
      ? []
      : rulesOf(policy).flatMap(({ keepRows, by, on }, index) =>
          keepRows === undefined || by === undefined
            ? []
            : [{ definition, index, by, covers: selectedDatasets(mesh, policy, on) }],
        ),
  )

/** Subjects of the policies that this version carries out: those about retention that are in force. */
export const policiesInForce = (mesh: Mesh, today: string): ReadonlySet<string> =>
  new Set(policiesOf(mesh).flatMap(({ definition, policy }) => (isInForce(policy, today) ? [definition.subject] : [])))

const byDataset = <Rule>(
  mesh: Mesh,
  today: string,
  ruleOf: (rule: RetentionRule, policy: string) => Rule | undefined,
): ((dataset: string) => readonly Rule[]) => {
  const found = new Map<string, Rule[]>()
  for (const { policy } of policiesOf(mesh)) {
    if (!isInForce(policy, today)) continue
    for (const written of rulesOf(policy)) {
      const rule = ruleOf(written, policy.id)
      if (rule === undefined) continue
      for (const { dataset } of selectedDatasets(mesh, policy, written.on))
        found.set(dataset.subject, [...(found.get(dataset.subject) ?? []), rule])
    }
  }
  return dataset => found.get(dataset) ?? []
}

const policiesOf = (mesh: Mesh): { readonly definition: Definition; readonly policy: PolicyDocument }[] =>
  mesh.others.flatMap(definition => {
    const policy = definition.kind === 'policy' ? policyDocument.safeParse(definition.body).data : undefined
    return policy?.type === 'retention' ? [{ definition, policy }] : []
  })

const rulesOf = (policy: PolicyDocument): readonly RetentionRule[] => policy.rules as unknown as RetentionRule[] // the schema of the document has checked the rules of its type

const isInForce = (policy: PolicyDocument, today: string): boolean =>
  policy.mode === 'enforce' && (policy.enforceOn === undefined || policy.enforceOn <= today)

const keepOf = (written: number | string | undefined): Keep | undefined => {
  if (typeof written === 'number') return { count: written }
  const ageMs = written === undefined ? undefined : parseDuration(written)
  return ageMs === undefined ? undefined : { ageMs }
}
