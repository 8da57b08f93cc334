/** Selectors of products: a subject, a glob, hops up- and downstream (`+x`, `x+`, `2+x+1`), `tag:` and `status:`; several are a union. Pure. */
import { nearest, type ProblemKind, problem, WeftError } from '../base/index.ts'
import type { Mesh, Product } from './mesh.ts'
import { productOf, resolveSubject } from './reference.ts'

/** Problems that names on the command line can have. */
export const selectorProblems = {
  'selector.no-match': {
    severity: 'error',
    title: 'A selector matches no product',
    why: 'A word on the command line chooses products: a subject, a glob such as `sales.*`, hops such as `+sales.shop-orders`, `tag:` or `status:`.',
    mend: 'Take one of the names in the message, or leave the selector out for all products.',
  },
  'selector.ambiguous': {
    severity: 'error',
    title: 'A name means more than one thing',
    why: 'A short name is allowed where it can only mean one thing.',
    mend: 'Write more of the name; the message lists the choices.',
  },
} as const satisfies Record<string, ProblemKind>

/**
 * The products that selectors choose, each once, in the order of the mesh. `upstream` tells what each product reads.
 * Throws a usage error for a selector that chooses nothing.
 */
export const selectProducts = (
  mesh: Mesh,
  selectors: readonly string[],
  upstream: ReadonlyMap<string, readonly string[]>,
): string[] => {
  const downstream = reversed(upstream)
  const chosen = new Set<string>()
  for (const selector of selectors) {
    const match = /^(?:(\d*)\+)?(.*?)(?:\+(\d*))?$/.exec(selector)
    const start = named(mesh, match?.[2] ?? selector)
    for (const subject of start) chosen.add(subject)
    if (match?.[1] !== undefined) walk(start, upstream, hops(match[1]), chosen)
    if (match?.[3] !== undefined) walk(start, downstream, hops(match[3]), chosen)
  }
  return [...mesh.products.keys()].filter(subject => chosen.has(subject))
}

const hops = (text: string): number => (text === '' ? Number.POSITIVE_INFINITY : Number(text))

const walk = (
  start: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
  hopsMax: number,
  chosen: Set<string>,
): void => {
  let frontier = [...start]
  const seen = new Set(start)
  for (let hop = 0; hop < hopsMax && frontier.length > 0; hop++) {
    frontier = frontier.flatMap(subject => edges.get(subject) ?? []).filter(subject => !seen.has(subject))
    for (const subject of frontier) {
      seen.add(subject)
      chosen.add(subject)
    }
  }
}

const reversed = (edges: ReadonlyMap<string, readonly string[]>): Map<string, string[]> => {
  const back = new Map<string, string[]>()
  for (const [from, all] of edges) for (const to of all) back.set(to, [...(back.get(to) ?? []), from])
  return back
}

const named = (mesh: Mesh, word: string): string[] => {
  const products = [...mesh.products.values()]
  const by = (accept: (product: Product) => boolean): string[] => products.filter(accept).map(it => it.subject)
  const field = /^(tag|status|domain|type):(.+)$/.exec(word)
  const value = field?.[2] ?? ''
  const found =
    field === null
      ? word.includes('*')
        ? by(it => globOf(word).test(it.subject))
        : plainName(mesh, word)
      : by(it => fieldsOf(it)[field[1] ?? '']?.includes(value) ?? false)
  // Nothing has that tag or status now, and that is an answer; a name that nothing has is a slip.
  if (found.length === 0 && field === null) throw noMatch(mesh, word)
  return found
}

const fieldsOf = (product: Product): Readonly<Record<string, readonly string[]>> => ({
  tag: product.tags,
  status: [product.status],
  domain: [product.domain],
  type: product.kind === undefined ? [] : [product.kind],
})

/** `*` stands for anything within the name, dots included: `sales.*` is every product of the domain. */
export const globOf = (glob: string): RegExp =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)

const plainName = (mesh: Mesh, word: string): string[] => {
  const inDomain = [...mesh.products.values()].filter(it => it.domain === word).map(it => it.subject)
  if (inDomain.length > 0) return inDomain
  for (const kind of ['product', 'outputPort', 'dataset'] as const) {
    const found = resolveSubject(mesh, word, kind)
    if (found.kind === 'one') return [productOf(found.subject)]
    if (found.kind === 'many') {
      throw new WeftError(
        'usage',
        problem(selectorProblems, 'selector.ambiguous', `"${word}" can mean ${found.choices.length} things`, {
          found: word,
          expected: found.choices.join(', '),
        }),
      )
    }
  }
  return []
}

const noMatch = (mesh: Mesh, word: string): WeftError => {
  const names = [...mesh.products.keys()]
  const near = nearest(word, names)
  return new WeftError(
    'usage',
    problem(selectorProblems, 'selector.no-match', `no product matches "${word}"`, {
      found: word,
      expected: names.slice(0, 12).join(', '),
      help: near === undefined ? undefined : `did you mean "${near}"?`,
    }),
  )
}
