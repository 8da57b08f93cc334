/** The mesh as it is applied and as the files have it, together: what is there until a plan is done, and what is there from then on. Pure. */
import { type Mesh, ownerOf } from '../domain/index.ts'
import type { Surroundings } from './consequences.ts'
import type { EntityKind } from './plan.ts'

/** Of the catalogue or of the files: bodies are those that desired.ts makes. */
interface Known {
  readonly kind: EntityKind
  readonly subject: string
  readonly body: unknown
}

type Entities = ReadonlyMap<string, Known>

/** `desired` is the same as `applied` where nothing is about to change. Both may lack products that stay as they are: whom those belong to is told by `mesh`. */
export const surroundings = (
  applied: Entities,
  desired: Entities = applied,
  changedBy: Surroundings['changedBy'] = () => undefined,
  mesh?: Mesh,
): Surroundings => {
  const all = new Map([...applied, ...desired])
  // Both are made when they are first asked for: most plans ask for nothing of them.
  let byDataset: Map<string, string[]> | undefined
  let byKind: Map<EntityKind, string[]> | undefined
  return {
    changedBy,
    columnsOf: dataset => {
      byDataset ??= columnsByDataset(all.values())
      return byDataset.get(dataset) ?? []
    },
    columnsChecked: check => {
      const key = `check ${check}`
      const { column, columns } = checkTest(desired.get(key) ?? applied.get(key))
      const named = columns ?? (column === undefined ? undefined : [column])
      const dataset = check.slice(0, check.indexOf('#'))
      // A part of a column, such as `lines[].sku`, is the column's.
      return named?.map(it => it.replace(/[.[].*$/, '')).filter(it => desired.has(`column ${dataset}.${it}`))
    },
    below: (subject, kind) => {
      byKind ??= subjectsByKind(all.values())
      return (byKind.get(kind) ?? []).filter(it => it.startsWith(`${subject}.`))
    },
    ownerOf: product =>
      mesh === undefined || all.has(`product ${product}`) ? loadedOwnerOf(all, product) : ownerOf(mesh, product),
  }
}

const subjectsByKind = (entities: Iterable<Known>): Map<EntityKind, string[]> => {
  const found = new Map<EntityKind, string[]>()
  for (const { kind, subject } of entities) {
    const subjects = found.get(kind) ?? []
    found.set(kind, subjects)
    subjects.push(subject)
  }
  return found
}

const columnsByDataset = (entities: Iterable<Known>): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const { kind, subject } of entities) {
    if (kind !== 'column') continue
    const dataset = subject.slice(0, subject.lastIndexOf('.'))
    const names = found.get(dataset) ?? []
    found.set(dataset, names)
    names.push(subject.slice(dataset.length + 1))
  }
  return found
}

interface CheckTest {
  readonly column?: string
  readonly columns?: readonly string[]
}

const checkTest = (check: Known | undefined): CheckTest => (check?.body as { test?: CheckTest } | undefined)?.test ?? {} // bodies are written by desired.ts only

interface Team {
  readonly name?: string
  readonly members?: readonly { readonly username: string; readonly role?: string }[]
}

/** A product's team with its owners' names, as `ownerOf` of the domain tells it of a mesh. */
const loadedOwnerOf = (all: Entities, product: string): string => {
  const own = all.get(`product ${product}`)?.body as { team?: string; domain?: string } | undefined // as above
  const domain = all.get(`domain ${own?.domain ?? ''}`)?.body as { team?: Team } | undefined // as above
  const owners = (domain?.team?.members ?? []).filter(it => it.role === 'owner').map(it => it.username)
  const team = own?.team ?? domain?.team?.name
  if (team === undefined) return owners.join(', ') || 'nobody'
  return owners.length === 0 ? team : `${team} (${owners.join(', ')})`
}
