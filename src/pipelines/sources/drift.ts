/** How the columns of files differ from those of the contract, and what is done about it. Pure. */
import { editDistance, type Problem, problem, type Touched, WeftError } from '../../base/index.ts'
import type { Column, Dataset } from '../../domain/index.ts'
import { pipelineProblems } from '../problems.ts'
import type { DriftKind, DriftPolicy } from './drift-policy.ts'

export interface Drift {
  readonly uri: string
  readonly kind: DriftKind
  /** Of the contract; of an added one, the file's name for it. */
  readonly column: string
  /** The new name, or the new type. */
  readonly to?: string
  /** Why we say so: counts and names, never a value. */
  readonly evidence: string
}

export interface HeaderMatch {
  /** For each name of the header, the declared column that it holds. */
  readonly fields: readonly (string | undefined)[]
  readonly missing: readonly Column[]
  /** Names that nothing declares, with their place from 0. */
  readonly surplus: readonly { readonly name: string; readonly at: number }[]
  /** A declared column that was moved, where some were. */
  readonly moved?: string
}

/** What files call a column, by its contract. */
export const sourceName = ({ name, physicalName }: Column): string => physicalName ?? name

/**
 * Declared columns found by the name that files have for them, and those that are not there by their own: as written, else whatever the
 * case. Throws `source.column-twice` where two names mean one column.
 */
export const matchHeader = (names: readonly string[], dataset: Dataset, uri: string): HeaderMatch => {
  const called = namesFound(names, new Map(dataset.columns.map(column => [sourceName(column), column.name])))
  const absent = dataset.columns.filter(column => column.physicalName !== undefined && !called.includes(column.name))
  const own = namesFound(names, new Map(absent.map(column => [column.name, column.name])))
  const fields = called.map((field, index) => field ?? own[index])
  const twice = fields.find((field, index) => field !== undefined && fields.indexOf(field) !== index)
  if (twice !== undefined) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'source.column-twice', `${uri} has two columns ${twice}`, {
        found: `${names.length} columns`,
        expected: `one column ${twice}`,
        subject: `${dataset.subject}.${twice}`,
      }),
    )
  }
  const inFile = fields.filter(field => field !== undefined)
  const declared = dataset.columns.map(column => column.name).filter(name => inFile.includes(name))
  const moved = declared.find((name, index) => inFile[index] !== name)
  return {
    fields,
    missing: dataset.columns.filter(column => !inFile.includes(column.name)),
    surplus: names.flatMap((name, at) => (fields[at] === undefined ? [{ name, at }] : [])),
    ...(moved === undefined ? {} : { moved }),
  }
}

/** For each name, the column that is called so. */
const namesFound = (names: readonly string[], columns: ReadonlyMap<string, string>): (string | undefined)[] => {
  const anyCase = new Map([...columns.keys()].map(name => [name.toLowerCase(), name]))
  // Two names of columns that differ in case alone are told apart by it.
  const isAmbiguous = anyCase.size < columns.size
  return names.map(name => {
    const like = isAmbiguous ? undefined : anyCase.get(name.toLowerCase())
    return columns.get(name) ?? (like === undefined || names.includes(like) ? undefined : columns.get(like))
  })
}

/** A missing column and a surplus name that may be the same; whether the values fit is for the caller to find out. */
export interface RenameGuess {
  readonly column: Column
  readonly name: string
  readonly at: number
  readonly why: string
}

/** The best guess for each missing column: a like name first, then the same place with the same number of columns. */
export const renameGuesses = (match: HeaderMatch, dataset: Dataset): RenameGuess[] => {
  // Names of which none is known are no header, but the first row.
  if (match.missing.length === dataset.columns.length) return []
  const left = new Set(match.surplus.filter(it => it.name !== ''))
  const guesses: RenameGuess[] = []
  const take = (column: Column, surplus: { name: string; at: number } | undefined, why: string): void => {
    if (surplus === undefined || guesses.some(it => it.column === column)) return
    left.delete(surplus)
    guesses.push({ column, name: surplus.name, at: surplus.at, why })
  }
  const likeness = match.missing
    .flatMap(column =>
      [...left].map(surplus => ({ column, surplus, distance: nameDistance(sourceName(column), surplus.name) })),
    )
    .filter(it => it.distance !== undefined)
    .sort((one, other) => (one.distance ?? 0) - (other.distance ?? 0))
  for (const { column, surplus } of likeness) if (left.has(surplus)) take(column, surplus, 'a like name')
  if (match.fields.length === dataset.columns.length) {
    for (const column of match.missing) {
      const at = dataset.columns.indexOf(column)
      take(
        column,
        [...left].find(it => it.at === at),
        'the same place',
      )
    }
  }
  return guesses
}

const nameDistance = (one: string, other: string): number | undefined => {
  const [from, to] = [one, other].map(name => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''))
  if (from === undefined || to === undefined || from === '' || to === '') return undefined
  const distance = editDistance(from, to)
  const isPart = Math.min(from.length, to.length) >= 3 && (from.includes(to) || to.includes(from))
  return isPart || distance <= Math.max(1, Math.floor(Math.min(from.length, to.length) / 3)) ? distance : undefined
}

/** What a matched header says, renames being those whose values were seen to fit. */
export const headerDrift = (match: HeaderMatch, renames: readonly RenameGuess[], uri: string): Drift[] => {
  const renamed = renames.map(
    ({ column, name, why }): Drift => ({
      uri,
      kind: 'renamed',
      column: column.name,
      to: name,
      evidence: `${why}, and its values fit ${column.type}`,
    }),
  )
  const isKnown = match.fields.some(field => field !== undefined)
  const removed = match.missing
    .filter(column => !renames.some(it => it.column === column))
    .map(
      (column): Drift => ({
        uri,
        kind: 'removed',
        column: column.name,
        evidence: isKnown
          ? `the file has no column ${bothNames(column)}`
          : 'no name of the contract: has the file a header?',
      }),
    )
  // What stands in the place of a header may be a row, and its values are not for messages.
  const surplus = isKnown ? match.surplus.filter(({ at }) => !renames.some(it => it.at === at)) : []
  const added = surplus.map(
    ({ name, at }): Drift => ({
      uri,
      kind: 'added',
      column: nameShown(name, at),
      evidence: 'the contract has no column of this name',
    }),
  )
  const moved: Drift[] =
    match.moved === undefined
      ? []
      : [{ uri, kind: 'reordered', column: match.moved, evidence: 'the columns stand in another order' }]
  return [...renamed, ...removed, ...added, ...moved]
}

const bothNames = ({ name, physicalName }: Column): string =>
  physicalName === undefined ? name : `${JSON.stringify(physicalName)} and no ${name}`

const nameCharactersMax = 128

const nameShown = (name: string, at: number): string =>
  name === '' || name.length > nameCharactersMax ? `column ${at + 1}` : name

const codes = {
  added: 'source.column-added',
  removed: 'source.column-removed',
  renamed: 'source.column-renamed',
  retyped: 'source.column-retyped',
} as const

export interface DriftKnowledge {
  /** Types that the engine sees in columns that were added. */
  readonly types?: ReadonlyMap<string, string> | undefined
  /** Who depends on a declared column. */
  readonly touches?: ReadonlyMap<string, readonly Touched[]> | undefined
}

/** One problem for each column, however many files have it. */
export const driftProblems = (
  drift: readonly Drift[],
  dataset: Dataset,
  policy: DriftPolicy,
  { types = new Map(), touches }: DriftKnowledge = {},
): Problem[] => {
  const groups = new Map<string, Drift[]>()
  for (const it of drift) {
    const key = JSON.stringify([it.kind, it.column, it.to])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [it])
    else group.push(it)
  }
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined || first.kind === 'reordered') return []
    const column = dataset.columns.find(it => it.name === first.column)
    // What must not be NULL cannot be left out, whatever was declared.
    const isNeeded = (first.kind === 'removed' || first.kind === 'renamed') && column?.nullable === false
    const action = isNeeded ? 'refuse' : policy[first.kind]
    if (action === 'ignore') return []
    const files = more.length === 0 ? first.uri : `${first.uri} and ${more.length} more`
    return problem(pipelineProblems, codes[first.kind], `${words(first)} in ${files}`, {
      severity: action === 'refuse' ? 'error' : 'warning',
      place: column?.place ?? dataset.place,
      found: `${first.to ?? (first.kind === 'added' ? first.column : 'no such column')} (${first.evidence})`,
      expected:
        column === undefined ? dataset.columns.map(sourceName).join(', ') : `${sourceName(column)} ${column.type}`,
      help: helpOf(first, dataset, types),
      subject: `${dataset.subject}.${first.column}`,
      touches: first.kind === 'added' ? undefined : touches?.get(first.column),
    })
  })
}

const words = ({ kind, column, to }: Drift): string => {
  switch (kind) {
    case 'added':
      return `a column ${column} that the contract does not declare`
    case 'removed':
      return `no column ${column}`
    case 'renamed':
      return `column ${column} is called ${to}`
    case 'reordered':
      return 'the columns stand in another order'
    case 'retyped':
      return `column ${column} is not ${to === undefined ? 'of its type' : `of its type but ${to}`}`
    default:
      return kind satisfies never
  }
}

const helpOf = ({ kind, column, to }: Drift, dataset: Dataset, types: ReadonlyMap<string, string>): string => {
  switch (kind) {
    case 'added':
      return `to take it in, add to the properties of ${dataset.name}:\n${yamlOf(column, types.get(column) ?? 'VARCHAR')}`
    case 'renamed':
      return `if it was renamed, write at ${column} in the properties of ${dataset.name}: physicalName: ${yamlText(to ?? '')}`
    case 'removed':
      return `take ${column} out of the properties of ${dataset.name}, or ask the source for it`
    default:
      return `change the type of ${column} in ${dataset.name}, or say on the server how its values are written`
  }
}

const logicalTypes: readonly (readonly [RegExp, string])[] = [
  [/INT$|INTEGER$/, 'integer'],
  [/^(DECIMAL|DOUBLE|FLOAT)/, 'number'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^(DATE|TIME|BOOLEAN)$/, ''],
]

const yamlOf = (name: string, type: string): string => {
  const [, logical] = logicalTypes.find(([pattern]) => pattern.test(type)) ?? []
  const logicalType = logical === undefined ? 'string' : logical === '' ? type.toLowerCase() : logical
  return `- name: ${yamlText(name)}\n  logicalType: ${logicalType}\n  physicalType: ${yamlText(type)}`
}

const yamlText = (text: string): string => (/^[A-Za-z_][\w ]*$/.test(text) ? text : JSON.stringify(text))
