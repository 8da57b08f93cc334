/** What is wrong, where, and what to do: the one shape in which every part of Weft reports to people and to `--json`. */

export type Severity = 'error' | 'warning'

/** A region of a file. `file` is relative to the project with `/`; lines and columns count from 1, in characters. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine?: number
  readonly endColumn?: number
}

/** A place that is found when somebody asks for it: hardly any ever is, and finding one means to read its file again. Spread it only by `plainPlace`. */
export class LazyPlace implements Place {
  readonly file: string
  private found: Place | undefined
  private readonly find: (path: readonly (string | number)[], what: 'key' | 'value') => Place
  private readonly path: readonly (string | number)[]
  private readonly what: 'key' | 'value'

  constructor(
    file: string,
    find: (path: readonly (string | number)[], what: 'key' | 'value') => Place,
    path: readonly (string | number)[],
    what: 'key' | 'value',
  ) {
    this.file = file
    this.find = find
    this.path = path
    this.what = what
  }

  private get place(): Place {
    this.found ??= this.find(this.path, this.what)
    return this.found
  }

  get line(): number {
    return this.place.line
  }

  get column(): number {
    return this.place.column
  }

  get endLine(): number {
    return this.place.endLine ?? this.line
  }

  get endColumn(): number {
    return this.place.endColumn ?? this.column
  }

  toJSON(): Place {
    return plainPlace(this)
  }
}

/** The same place as a plain value. */
export const plainPlace = ({ file, line, column, endLine, endColumn }: Place): Place => ({
  file,
  line,
  column,
  ...(endLine === undefined ? {} : { endLine }),
  ...(endColumn === undefined ? {} : { endColumn }),
})

/** What a problem of a source reaches downstream, whoever owns it. */
export interface Touched {
  readonly kind: 'dataset' | 'port' | 'product'
  readonly name: string
  /** The team that answers for it, with its owners. */
  readonly owner: string
  /** How it depends on what changed. */
  readonly how: string
}

/** One finding. Its keys are those of `Problem` in the command line's documents. */
export interface Problem extends Partial<Place> {
  readonly severity: Severity
  readonly code: string
  readonly message: string
  readonly found?: string
  readonly expected?: string
  readonly help?: string
  readonly subject?: string
  /** Nearest first; absent where it is not known, or not asked. */
  readonly touches?: readonly Touched[]
}

/** What `weft explain <code>` says about a kind of problem. */
export interface ProblemKind {
  readonly severity: Severity
  readonly title: string
  /** Why it is a problem, in one or two sentences. */
  readonly why: string
  /** What a person does about it. */
  readonly mend: string
}

/** A slice's list of problem kinds, by code (`slice.word-word`). Listed once in platform.ts, so that explain and the docs know all. */
export const defineProblems = <const Kinds extends Record<string, ProblemKind>>(kinds: Kinds): Kinds => kinds

/** What a problem says beyond its kind. */
export interface ProblemDetail {
  readonly place?: Place | undefined
  readonly found?: string | undefined
  readonly expected?: string | undefined
  readonly help?: string | undefined
  readonly subject?: string | undefined
  readonly touches?: readonly Touched[] | undefined
  /** Only where one kind is a warning in some places and an error in others. */
  readonly severity?: Severity
}

/** Makes a problem of a kind that the slice's list has. */
export const problem = <Kinds extends Record<string, ProblemKind>>(
  kinds: Kinds,
  code: keyof Kinds & string,
  message: string,
  detail: ProblemDetail = {},
): Problem => {
  const { place, found, expected, help, subject, touches, severity } = detail
  return {
    severity: severity ?? (kinds[code] as ProblemKind).severity, // the code is a key of this very list
    code,
    message,
    ...(place === undefined ? {} : plainPlace(place)),
    ...(found === undefined ? {} : { found }),
    ...(expected === undefined ? {} : { expected }),
    ...(help === undefined ? {} : { help }),
    ...(subject === undefined ? {} : { subject }),
    ...(touches === undefined || touches.length === 0 ? {} : { touches }),
  }
}

export const hasErrors = (problems: readonly Problem[]): boolean => problems.some(p => p.severity === 'error')

/** Errors first, then by file and place: the order in which people and scripts get them. */
export const sortProblems = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort(
    (a, b) =>
      Number(a.severity === 'warning') - Number(b.severity === 'warning') ||
      // A file that cannot be read at all comes before what follows from that.
      Number(b.code.startsWith('yaml.')) - Number(a.code.startsWith('yaml.')) ||
      (a.file ?? '').localeCompare(b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      a.code.localeCompare(b.code),
  )
