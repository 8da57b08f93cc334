/** How people name things: by subject, by a short form of it, by the reader's name, by the standard's own id. Pure. */
import { datasets, type Mesh, outputPorts } from './mesh.ts'

export type Resolved =
  | { readonly kind: 'one'; readonly subject: string }
  | { readonly kind: 'many'; readonly choices: readonly string[] }
  | { readonly kind: 'none' }

export type SubjectKind = 'domain' | 'product' | 'outputPort' | 'dataset'

/** `Shop Orders` as `shop-orders`; the empty text where no letter is left. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')

/** `sales.shop-orders` of whatever lies in that product, by its subject. */
export const productOf = (subject: string): string => subject.split('.').slice(0, 2).join('.')

/** A slug as SQL has it: `shop-orders` as `shop_orders`. */
export const sqlName = (slug: string): string => slug.replaceAll('-', '_')

/** The parts under which readers find a dataset without naming a major. */
export const readerParts = (domain: string, product: string, dataset: string): readonly string[] => [
  sqlName(domain),
  sqlName(product),
  dataset,
]

interface Candidate {
  readonly subject: string
  readonly aliases: readonly string[]
  /** Of ports and datasets: the newest major wins where a name leaves it out. */
  readonly major: number
}

/** What a word means among the subjects of a kind: exactly one, several, or nothing. */
export const resolveSubject = (mesh: Mesh, word: string, kind: SubjectKind): Resolved => {
  const all = candidates(mesh, kind)
  const exact = all.filter(it => it.subject === word)
  if (exact.length === 1) return { kind: 'one', subject: word }
  const lower = word.toLowerCase()
  const byAlias = newest(all.filter(it => it.aliases.some(alias => alias.toLowerCase() === lower)))
  if (byAlias.length > 0) return choose(byAlias)
  return choose(newest(all.filter(it => shortForms(it.subject).some(form => form.toLowerCase() === lower))))
}

const choose = (found: readonly Candidate[]): Resolved => {
  const [first] = found
  if (first === undefined) return { kind: 'none' }
  return found.length === 1
    ? { kind: 'one', subject: first.subject }
    : { kind: 'many', choices: found.map(it => it.subject) }
}

/** Of several majors of one thing the newest. */
const newest = (found: readonly Candidate[]): Candidate[] => {
  const best = new Map<string, Candidate>()
  for (const it of found) {
    const key = withoutMajor(it.subject)
    const before = best.get(key)
    if (before === undefined || before.major < it.major) best.set(key, it)
  }
  return [...best.values()]
}

const withoutMajor = (subject: string): string => subject.replace(/\.v\d+(?=\.|$)/, '')

/** The ends of a subject, with and without its major: `shop-orders.orders.v2`, `orders.v2`, `shop-orders.orders`. */
const shortForms = (subject: string): string[] => {
  const ends = (text: string): string[] => {
    const parts = text.split('.')
    return parts.map((_, index) => parts.slice(index).join('.'))
  }
  return [...ends(subject), ...ends(withoutMajor(subject))].filter(form => !/^v\d+$/.test(form))
}

const candidates = (mesh: Mesh, kind: SubjectKind): Candidate[] => {
  switch (kind) {
    case 'domain':
      return [...mesh.domains.values()].map(it => ({ subject: it.subject, aliases: [it.name], major: 0 }))
    case 'product':
      return [...mesh.products.values()].map(it => ({
        subject: it.subject,
        aliases: [it.id, it.name, `${sqlName(it.domain)}.${sqlName(it.slug)}`],
        major: 0,
      }))
    case 'outputPort':
      return [...outputPorts(mesh).values()].map(({ port }) => ({
        subject: port.subject,
        aliases: [port.id, port.contract?.id].filter(it => it !== undefined),
        major: port.major,
      }))
    case 'dataset':
      return [...datasets(mesh).values()].map(({ product, port, dataset }) => ({
        subject: dataset.subject,
        aliases: [
          readerParts(product.domain, product.slug, dataset.name).join('.'),
          readerParts(product.domain, `${product.slug}_v${port.major}`, dataset.name).join('.'),
          `${sqlName(product.slug)}.${dataset.name}`,
        ],
        major: port.major,
      }))
  }
}
