/** What policies select: domains, products, datasets, classifications, groups. A selection that can match nothing protects nothing. Pure. */
import type { Problem } from '../base/index.ts'
import { globOf, type Mesh } from '../domain/index.ts'
import { valueAt } from './contracts.ts'
import type { MeshDocument } from './documents/index.ts'
import { unknownName } from './problems.ts'
import type { ReadDocument } from './read.ts'

export const policyReferences = (
  mesh: Mesh,
  document: MeshDocument | undefined,
  documents: readonly ReadDocument[],
): Problem[] => {
  const names = namesOf(mesh, document)
  return documents.flatMap(it => {
    if (it.kind !== 'Policy') return []
    const { at } = it.definition
    const rules = valueAt(it.document, ['rules'])
    return [
      ...selection(it.document, ['appliesTo'], names, at),
      ...(Array.isArray(rules) ? rules : []).flatMap((_, index) => [
        ...selection(it.document, ['rules', index, 'on'], names, at),
        ...selection(it.document, ['rules', index, 'to'], names, at),
        ...selection(it.document, ['rules', index, 'of'], names, at),
        ...selection(it.document, ['rules', index], names, at),
      ]),
    ]
  })
}

interface Names {
  readonly [key: string]: { readonly what: string; readonly code: Code; readonly valid: readonly string[] }
}

type Code = Parameters<typeof unknownName>[0]

const namesOf = (mesh: Mesh, document: MeshDocument | undefined): Names => {
  const products = [...mesh.products.values()]
  const datasets = products.flatMap(it => it.outputs.flatMap(port => port.datasets))
  const groups = {
    what: 'group',
    code: 'mesh.unknown-group' as const,
    valid: (document?.groups ?? []).map(it => it.id),
  }
  let tags: readonly string[] | undefined
  return {
    domains: { what: 'domain', code: 'mesh.unknown-domain', valid: [...mesh.domains.keys()] },
    products: { what: 'product', code: 'mesh.unknown-product', valid: products.map(it => it.subject) },
    datasets: { what: 'dataset', code: 'mesh.unknown-dataset', valid: datasets.map(it => it.subject) },
    classifications: {
      what: 'classification',
      code: 'mesh.unknown-classification',
      valid: (document?.classifications ?? []).map(it => it.id),
    },
    groups,
    exceptGroups: groups,
    jurisdictions: {
      what: 'jurisdiction',
      code: 'mesh.unknown-jurisdiction',
      valid: (document?.jurisdictions ?? []).map(it => it.id),
    },
    stages: { what: 'stage', code: 'mesh.unknown-selection', valid: ['guided', 'trusted', 'autonomous'] },
    types: {
      what: 'type of product',
      code: 'mesh.unknown-selection',
      valid: ['sourceAligned', 'aggregate', 'consumerAligned'],
    },
    status: {
      what: 'status',
      code: 'mesh.unknown-selection',
      valid: ['proposed', 'draft', 'active', 'deprecated', 'retired'],
    },
    get tags() {
      // Every part of every contract is looked at: only where a policy selects by tags.
      tags ??= tagsOf(mesh)
      return { what: 'tag in use', code: 'mesh.unknown-tag', valid: tags } as const
    },
  }
}

/** Tags of products and of everything in contracts, and the classifications, which tag too. */
const tagsOf = (mesh: Mesh): string[] => {
  const tags = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'tags' && Array.isArray(inner)) for (const tag of inner) tags.add(String(tag))
      else visit(inner)
    }
  }
  for (const product of mesh.products.values()) visit(product.body)
  for (const contract of mesh.contracts.values()) visit(contract.body)
  return [...tags]
}

const selection = (
  body: unknown,
  path: readonly (string | number)[],
  names: Names,
  at: ReadDocument['definition']['at'],
): Problem[] => {
  const selected = valueAt(body, path)
  if (typeof selected !== 'object' || selected === null || Array.isArray(selected)) return []
  return Object.entries(selected).flatMap(([key, values]) => {
    const known = names[key]
    if (known === undefined || !Array.isArray(values) || known.valid.length === 0) return []
    return values.flatMap((value, index) => {
      if (typeof value !== 'string' || isKnown(value, known.valid)) return []
      const message = `no ${known.what} is called "${value}"`
      const found = unknownName(known.code, message, value, known.valid, at([...path, key, index]))
      // A tag that nothing has yet may be meant for later; one that is nearly in use is a slip.
      return [
        known.code === 'mesh.unknown-tag' && found.help !== undefined
          ? { ...found, severity: 'error' as const }
          : found,
      ]
    })
  })
}

const isKnown = (value: string, valid: readonly string[]): boolean => {
  if (valid.includes(value)) return true
  if (!value.includes('*')) return false
  const glob = globOf(value)
  return valid.some(name => glob.test(name))
}
