/** What a word means among all things of a mesh: by subject, short form, name in SQL, or the standard's own id. Pure. */
import { nearest, problem, WeftError } from '../base/index.ts'
import { datasets, type Mesh, type OtherDefinition, outputPorts, resolveSubject } from '../domain/index.ts'
import { catalogProblems } from './problems.ts'

/** A kind of thing that has a page. */
export type ThingKind =
  | 'domain'
  | 'product'
  | 'dataset'
  | 'outputPort'
  | 'inputPort'
  | 'column'
  | OtherDefinition['kind']

export interface Named {
  readonly kind: ThingKind
  readonly subject: string
}

/** Things that a word can mean, those first that people mean most; `also` is what else has that name. */
export interface Meaning {
  readonly thing: Named
  readonly also: readonly Named[]
}

const choicesMax = 12

/** Throws a usage error for a word that means nothing, or several things of one kind. */
export const meaningOf = (mesh: Mesh, word: string): Meaning => {
  const found = kinds
    .map(kind => ({ kind, subjects: subjectsOf(mesh, kind, word) }))
    .filter(it => it.subjects.length > 0)
  // A whole subject means itself, whatever else ends that way.
  const whole = found.find(it => it.subjects.includes(word))
  const first = whole ?? found.find(it => it.subjects.length === 1) ?? found[0]
  if (first === undefined) throw unknown(mesh, word)
  const subject = whole === undefined ? first.subjects[0] : word
  if (subject === undefined || (whole === undefined && first.subjects.length > 1)) throw ambiguous(word, first.subjects)
  return {
    thing: { kind: first.kind, subject },
    also: found
      .filter(it => it !== first && it.subjects.length === 1)
      .flatMap(it => it.subjects.map(one => ({ kind: it.kind, subject: one }))),
  }
}

const others = ['term', 'policy', 'chapter', 'agreement'] as const

/** In the order in which a name is taken. */
const kinds: readonly ThingKind[] = ['domain', 'product', 'dataset', 'outputPort', ...others, 'inputPort', 'column']

const subjectsOf = (mesh: Mesh, kind: ThingKind, word: string): readonly string[] => {
  switch (kind) {
    case 'domain':
    case 'product':
    case 'outputPort':
    case 'dataset': {
      const resolved = resolveSubject(mesh, word, kind)
      return resolved.kind === 'one' ? [resolved.subject] : resolved.kind === 'many' ? resolved.choices : []
    }
    case 'inputPort':
      return [...mesh.products.values()].flatMap(product =>
        product.inputs.map(it => it.subject).filter(subject => isEnd(subject, word)),
      )
    case 'column':
      return columnsCalled(mesh, word)
    default:
      return mesh.others
        .filter(it => it.kind === kind && namesOf(it).some(name => name.toLowerCase() === word.toLowerCase()))
        .map(it => it.subject)
  }
}

const namesOf = (it: OtherDefinition): string[] => [it.subject, it.subject.replace('/', ':'), idOf(it.subject), it.name]

const idOf = (subject: string): string => subject.slice(subject.indexOf('/') + 1)

const isEnd = (subject: string, word: string): boolean => {
  const [one, other] = [subject.toLowerCase(), word.toLowerCase()]
  return one === other || one.endsWith(`.${other}`)
}

/** `order_lines.total` of a dataset that its own short forms name, or `total` wherever it is. Of several majors the newest. */
const columnsCalled = (mesh: Mesh, word: string): string[] => {
  const dot = word.lastIndexOf('.')
  const name = word.slice(dot + 1).toLowerCase()
  const all = datasets(mesh)
  const head = word.slice(0, Math.max(0, dot))
  const within = dot < 0 ? newestOnly(mesh, [...all.keys()]) : subjectsOf(mesh, 'dataset', head)
  return within.flatMap(subject =>
    (all.get(subject)?.dataset.columns ?? [])
      .filter(column => column.name.toLowerCase() === name)
      .map(column => `${subject}.${column.name}`),
  )
}

/** Of datasets that several majors have, the newest. */
const newestOnly = (mesh: Mesh, subjects: readonly string[]): string[] =>
  subjects.filter(subject => {
    const resolved = resolveSubject(mesh, subject.replace(/\.v\d+(?=\.)/, ''), 'dataset')
    return resolved.kind !== 'one' || resolved.subject === subject
  })

const ambiguous = (word: string, subjects: readonly string[]): WeftError => {
  const more = subjects.length - choicesMax
  return new WeftError(
    'usage',
    problem(catalogProblems, 'describe.ambiguous', `"${word}" can mean ${subjects.length} things`, {
      found: word,
      expected: `${subjects.slice(0, choicesMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      help: more > 0 ? `weft find ${word} lists them all` : undefined,
    }),
  )
}

const unknown = (mesh: Mesh, word: string): WeftError => {
  const near = nearNames(mesh, word)
  return new WeftError(
    'usage',
    problem(catalogProblems, 'describe.unknown', `nothing is called "${word}"`, {
      found: word,
      expected:
        near.length > 0 ? near.join(', ') : 'the name of a domain, product, port, dataset, column, term or policy',
      help: near[0] === undefined ? `weft find ${word}` : `did you mean "${near[0]}"?`,
    }),
  )
}

/** The nearest name of each kind. */
const nearNames = (mesh: Mesh, word: string): string[] => {
  const tail = word.slice(word.lastIndexOf('.') + 1)
  const parts = (subjects: Iterable<string>): string[] => [...subjects].flatMap(it => [it, it.split('.').at(-1) ?? it])
  const lists = [
    [...mesh.domains.keys()],
    parts(mesh.products.keys()),
    parts(datasets(mesh).keys()),
    [...outputPorts(mesh).keys()],
    mesh.others.map(it => idOf(it.subject)),
    [...new Set([...datasets(mesh).values()].flatMap(it => it.dataset.columns.map(column => column.name)))],
  ]
  return [
    ...new Set(
      lists.flatMap(list => nearest(word, list) ?? (word.includes('.') ? nearest(tail, list) : undefined) ?? []),
    ),
  ]
}
