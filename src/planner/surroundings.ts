/** The mesh as it is applied and as the files have it, together: what is there until a plan is done, and what is there from then on. Pure. */
import { type Mesh, ownerOf } from '../domain/index.ts'
import { productOf } from '../lineage/index.ts'
import type { Surroundings } from './consequences.ts'
import type { Entity } from './desired.ts'
import type { AppliedEntity } from './diff.ts'
import type { EntityKind } from './plan.ts'

export const surroundings = (
  mesh: Mesh,
  applied: ReadonlyMap<string, AppliedEntity>,
  desired: ReadonlyMap<string, Entity>,
): Surroundings => {
  const all = new Map<string, { readonly kind: EntityKind; readonly subject: string }>([...applied, ...desired])
  // Sorted once, when it is first asked for: most plans ask for few datasets, and many for none.
  const byParent = lazily(() => {
    const found = new Map<string, string[]>()
    for (const { kind, subject } of all.values()) {
      if (kind !== 'column') continue
      const dataset = subject.slice(0, subject.lastIndexOf('.'))
      found.set(dataset, [...(found.get(dataset) ?? []), subject.slice(dataset.length + 1)])
    }
    return found
  })
  return {
    columnsOf: dataset => byParent().get(dataset) ?? [],
    columnsChecked: check => {
      const key = `check ${check}`
      const body = (desired.get(key) ?? applied.get(key))?.body as { test?: CheckTest } | undefined // bodies of checks are written by desired.ts only
      const { column, columns } = body?.test ?? {}
      const named = columns ?? (column === undefined ? undefined : [column])
      const dataset = check.slice(0, check.indexOf('#'))
      // A part of a column, such as `lines[].sku`, is the column's.
      return named?.map(it => it.replace(/[.[].*$/, '')).filter(it => desired.has(`column ${dataset}.${it}`))
    },
    below: (subject, kind) =>
      [...all.values()].filter(it => it.kind === kind && it.subject.startsWith(`${subject}.`)).map(it => it.subject),
    ownerOf: product => (mesh.products.has(product) ? ownerOf(mesh, product) : teamApplied(applied, product)),
    changedBy: () => undefined,
  }
}

interface CheckTest {
  readonly column?: string
  readonly columns?: readonly string[]
}

const lazily = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

const teamApplied = (applied: ReadonlyMap<string, AppliedEntity>, product: string): string => {
  const body = applied.get(`product ${productOf(product)}`)?.body as { team?: string } | undefined // bodies of products are written by desired.ts only
  return body?.team ?? 'nobody'
}
