/** What is found of a thing, from its definition as it is applied. Pure. */
import { listAt, textAt, textsAt, wordAt } from './document.ts'
import { isCommon, keyOf, wordsOf } from './words.ts'

/** Kinds that are found, in the order in which equally good hits are told. */
export const foundKinds = [
  'product',
  'domain',
  'term',
  'dataset',
  'outputPort',
  'policy',
  'chapter',
  'agreement',
  'inputPort',
  'column',
] as const

export type FoundKind = (typeof foundKinds)[number]

export interface SearchEntry {
  readonly kind: FoundKind
  readonly subject: string
  readonly name: string
  readonly title?: string
  readonly description?: string
  /** Tags, classification, synonyms, terms: words that somebody chose. */
  readonly keywords: readonly string[]
  /** Tags and classification: what `tag:` and `has:` ask for. */
  readonly labels: readonly string[]
  readonly status?: string
  /** Teams and people that answer, as they are searched. */
  readonly owner?: string
  readonly domain?: string
  readonly product?: string
  readonly dataset?: string
}

/** A definition that is written, of any kind. */
export interface IndexedChange {
  readonly kind: string
  readonly subject: string
  readonly renamedFrom?: string
  readonly parent?: string
  readonly change: 'added' | 'changed' | 'removed'
  readonly body?: unknown
}

/** The kind under which a definition is found; a port is found by its contract, which is what describes it. */
export const foundAs = (kind: string): FoundKind | undefined =>
  kind === 'contract' ? 'outputPort' : foundKinds.find(it => it === kind)

const descriptionMax = 2000

/** Undefined for what is not found by itself: models, checks, pipelines, and ports that have a contract. */
export const entryOf = (change: IndexedChange): SearchEntry | undefined => {
  const { subject, body } = change
  const kind = foundAs(change.kind)
  if (kind === undefined) return undefined
  if (change.kind === 'outputPort' && textAt(body, 'contract') !== undefined) return undefined
  const parts = subject.includes('/') ? [] : subject.split('.')
  const common = {
    kind,
    subject,
    name: nameOf(kind, subject),
    ...(parts[0] === undefined ? {} : { domain: parts[0] }),
    ...(parts[1] === undefined ? {} : { product: `${parts[0]}.${parts[1]}` }),
    ...(kind === 'column' && change.parent !== undefined ? { dataset: change.parent } : {}),
  }
  return { ...common, ...detailsOf(kind, body), ...ownersOf(kind, body) }
}

/** The last part of a subject; of a port the one before its major. */
const nameOf = (kind: FoundKind, subject: string): string => {
  if (subject.includes('/')) return subject.slice(subject.indexOf('/') + 1)
  const parts = subject.split('.')
  return (kind === 'outputPort' ? parts.at(-2) : parts.at(-1)) ?? subject
}

type Details = Pick<SearchEntry, 'title' | 'description' | 'keywords' | 'labels' | 'status'>

/** Where each kind keeps its words; definitions of products are bodies of our own, the others hold the document. */
const detailsOf = (kind: FoundKind, body: unknown): Details => {
  switch (kind) {
    case 'product':
      return details(textAt(body, 'name'), [textAt(body, 'purpose')], textsAt(body, 'tags'), {
        more: textAt(body, 'kind') === undefined ? [] : [textAt(body, 'kind') ?? ''],
        status: textAt(body, 'status'),
      })
    case 'domain':
      return details(textAt(body, 'name'), [textAt(body, 'purpose')], textsAt(body, 'document', 'tags'), {
        more: textsAt(body, 'document', 'scope'),
      })
    case 'outputPort': {
      const document = 'document'
      return details(
        textAt(body, 'name'),
        ['purpose', 'usage', 'limitations'].map(it => textAt(body, document, 'description', it)),
        textsAt(body, document, 'tags'),
        { status: textAt(body, 'status') },
      )
    }
    case 'inputPort':
      return details(
        textAt(body, 'document', 'name'),
        ['purpose', 'limitations'].map(it => textAt(body, 'document', 'description', it)),
        textsAt(body, 'document', 'tags'),
      )
    case 'dataset':
      return details(textAt(body, 'businessName'), [textAt(body, 'description')], textsAt(body, 'tags'))
    case 'column': {
      const classification = textAt(body, 'classification')
      const labels = [...textsAt(body, 'tags'), ...(classification === undefined ? [] : [classification])]
      return details(textAt(body, 'businessName'), [textAt(body, 'description')], labels, {
        more: textsAt(body, 'terms'),
      })
    }
    default:
      return details(
        textAt(body, 'name'),
        ['purpose', 'usage', 'limitations'].map(it => textAt(body, 'description', it)),
        textsAt(body, 'tags'),
        { more: textsAt(body, 'synonyms'), status: textAt(body, 'status') },
      )
  }
}

const details = (
  title: string | undefined,
  texts: readonly (string | undefined)[],
  labels: readonly string[],
  { more = [], status }: { readonly more?: readonly string[]; readonly status?: string | undefined } = {},
): Details => {
  const description = texts
    .filter(it => it !== undefined)
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, descriptionMax)
  return {
    keywords: [...new Set([...labels, ...more])],
    labels: [...new Set(labels)],
    ...(title === undefined ? {} : { title }),
    ...(description === '' ? {} : { description }),
    ...(status === undefined ? {} : { status }),
  }
}

const ownersOf = (kind: FoundKind, body: unknown): Pick<SearchEntry, 'owner'> => {
  if (kind === 'product') {
    const team = textAt(body, 'team')
    return team === undefined ? {} : { owner: team.toLowerCase() }
  }
  if (kind !== 'domain') return {}
  const people = listAt(body, 'team', 'members').flatMap(it => [wordAt(it, 'username') ?? '', wordAt(it, 'name') ?? ''])
  const owner = [textAt(body, 'team', 'name') ?? '', ...people]
    .filter(it => it !== '')
    .join(' ')
    .toLowerCase()
  return owner === '' ? {} : { owner }
}

/** `personal.identifier` is `personal` too. */
export const labelsOf = (label: string): string[] => {
  const parts = label.toLowerCase().trim().split('.')
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'))
}

/** A word of a question or an index, as a tsvector and a tsquery read it. */
export const lexeme = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/**
 * The entry as a tsvector. Words of the description stand as they are; `.` comes before words of the name (weight A), title (B) and
 * keywords (C), so that an index finds those without looking at what only describes; `^` before words of what it lies in, `#` before labels, `=`
 * before the status.
 */
export const vectorOf = (entry: SearchEntry): string => {
  const weighted = new Map<string, Set<string>>()
  const add = (text: string, weight: string): void => {
    for (const word of wordsOf(text)) {
      const marked = `.${word}`
      weighted.set(marked, (weighted.get(marked) ?? new Set()).add(weight))
    }
  }
  add(entry.name, 'A')
  add(entry.title ?? '', 'B')
  for (const keyword of entry.keywords) add(keyword, 'C')
  const places: Readonly<Record<string, number>> = { A: 1, B: 2, C: 3 }
  const described = new Set(wordsOf(entry.description ?? '').filter(word => !isCommon(word)))
  const around = new Set(contextOf(entry).flatMap(wordsOf))
  return [
    ...[...weighted].map(
      ([word, weights]) => `${lexeme(word)}:${[...weights].map(it => `${places[it]}${it}`).join(',')}`,
    ),
    ...[...described].map(lexeme),
    ...[...around].map(word => lexeme(`^${word}`)),
    ...[...new Set(entry.labels.flatMap(labelsOf))].map(label => lexeme(`#${label}`)),
    ...(entry.status === undefined ? [] : [lexeme(`=${entry.status.toLowerCase()}`)]),
  ].join(' ')
}

/** Names of what it lies in: `sales orders` finds what is called orders in sales. */
const contextOf = ({ kind, subject, product, domain }: SearchEntry): string[] =>
  subject.includes('/') || kind === 'domain'
    ? []
    : kind === 'product'
      ? [domain ?? '']
      : [product ?? '', ...subject.split('.').slice(2, -1)]

/** The words that a mistyped one may mean. */
export const vocabularyOf = (entry: SearchEntry): string[] =>
  [entry.name, entry.title ?? '', ...entry.keywords, entry.description ?? '']
    .flatMap(wordsOf)
    .filter(it => it.length > 2)

export const nameKeyOf = (entry: SearchEntry): string => keyOf(entry.name)
