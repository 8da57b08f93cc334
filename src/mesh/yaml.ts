/** YAML and JSON texts as plain values in which every value has a place. The text itself is kept, so that edits can patch it. */
import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml'
import { LazyPlace, type Place, type Problem, problem } from '../base/index.ts'
import type { Definition, Path } from '../domain/index.ts'
import { plainBody } from './plain-yaml.ts'
import { meshProblems } from './problems.ts'

export interface ParsedFile {
  readonly file: string
  readonly text: string
  readonly body: unknown
  readonly at: Definition['at']
  readonly problems: readonly Problem[]
}

/** Places count characters, not bytes or UTF-16 units. Those of a plain file are looked for when the first one is asked for. */
export const parseFile = (file: string, text: string): ParsedFile => {
  const plain = plainBody(text)
  if (plain === undefined) return parseWithPlaces(file, text)
  let withPlaces: ParsedFile | undefined
  const at: Definition['at'] = (path, what) => {
    withPlaces ??= parseWithPlaces(file, text)
    return withPlaces.at(path, what)
  }
  return { file, text, body: plain.body, at, problems: [] }
}

/** The same, for texts of which a place will be asked, and for those that are not plain. */
export const parseWithPlaces = (file: string, text: string): ParsedFile => {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    keepSourceTokens: false,
    merge: true,
    prettyErrors: false,
  })
  const place = placer(file, text, lines)
  const first = Array.isArray(documents) ? documents[0] : undefined
  if (first === undefined)
    return { file, text, body: undefined, at: () => ({ file, line: 1, column: 1 }), problems: [] }
  const at: Definition['at'] = (path, what = 'value') => place(...rangeOf(first, path, what))
  const problems = documents.flatMap(document =>
    document.errors.map(error => syntaxProblem(error.message, place(...error.pos))),
  )
  const second = documents[1]
  if (second !== undefined && problems.length === 0) {
    const start = second.contents?.range?.[0] ?? second.range?.[0] ?? 0
    problems.push(
      problem(meshProblems, 'yaml.several-documents', 'a file holds one definition', {
        place: place(start, start + 1),
        found: `${documents.length} documents`,
        expected: 'one',
      }),
    )
  }
  return { file, text, body: problems.length > 0 ? undefined : bodyOf(first), at, problems }
}

/** How many files stay parsed for whoever asks for places in them; their order is that of the files, more or less. */
const parsedMax = 8

/** Makes the `at` of files whose trees are not kept: a file is parsed again when the first place in it is asked for. */
export const laterPlaces = (): ((file: string, read: () => string) => Definition['at']) => {
  const recent = new Map<string, Definition['at']>()
  const parsedAt = (file: string, read: () => string): Definition['at'] => {
    const at = recent.get(file) ?? parseWithPlaces(file, read()).at
    recent.delete(file)
    recent.set(file, at)
    for (const [oldest] of recent) if (recent.size > parsedMax) recent.delete(oldest)
    return at
  }
  return (file, read) => {
    const find: Definition['at'] = (path, what) => parsedAt(file, read)(path, what)
    return (path, what = 'value') => new LazyPlace(file, find, path, what)
  }
}

const bodyOf = (document: Document): unknown => {
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch {
    // More aliases than that are an attack on whoever reads the file, not a definition.
    return undefined
  }
}

const syntaxProblem = (message: string, place: Place): Problem =>
  problem(meshProblems, 'yaml.syntax', message.split('\n')[0] ?? message, { place })

type PlaceOf = (from: number, to: number) => Place

const placer = (file: string, text: string, lines: LineCounter): PlaceOf => {
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    const start = lines.lineStarts[line - 1] ?? 0
    const before = text.slice(start, start + col - 1)
    return { line: Math.max(1, line), column: [...before].length + 1 }
  }
  return (from, to) => {
    const start = position(from)
    const end = position(Math.max(from, to))
    return { file, ...start, endLine: end.line, endColumn: end.column }
  }
}

/** Offsets of the value (or its key) that a path leads to; the nearest parent's where it leads nowhere. */
const rangeOf = (document: Document, path: Path, what: 'key' | 'value'): [number, number] => {
  let node: Node | null = document.contents
  let key: Node | null = null
  for (const step of path) {
    let next: Node | null = null
    let nextKey: Node | null = null
    if (isMap(node)) {
      const pair = node.items.find(it => isPair(it) && isScalar(it.key) && String(it.key.value) === String(step))
      next = (pair?.value ?? null) as Node | null // a parsed document's pairs hold nodes
      nextKey = (pair?.key ?? null) as Node | null // as above
    } else if (isSeq(node)) {
      next = (node.items[Number(step)] ?? null) as Node | null // as above
      nextKey = next
    }
    if (next === null && nextKey === null) return spanOf(what === 'key' ? (key ?? node) : node)
    key = nextKey
    node = next ?? nextKey
  }
  return spanOf(what === 'key' ? (key ?? node) : node)
}

const spanOf = (node: Node | null): [number, number] => {
  const range = node?.range
  if (range === null || range === undefined) return [0, 1]
  return [range[0], range[1]]
}
