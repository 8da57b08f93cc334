/** Texts to typed documents: each file's kind is found, its variables filled in, its shape checked. */
import { didYouMean, hashValue, type Problem, problem } from '../base/index.ts'
import type { Definition } from '../domain/index.ts'
import type { FoundFile } from './discover.ts'
import {
  type DocumentKind,
  type DocumentTypes,
  documentKinds,
  documentProblems,
  validateDocument,
} from './documents/index.ts'
import { fillVariables, type Variables } from './variables.ts'
import { laterPlaces, type ParsedFile, parseFile } from './yaml.ts'

/** A document with what every definition has; its subject is set by whoever links it. */
export type ReadDocument = {
  [Kind in DocumentKind]: {
    readonly kind: Kind
    readonly document: DocumentTypes[Kind]
    readonly definition: Definition
  }
}[DocumentKind]

export interface ReadResult {
  readonly documents: readonly ReadDocument[]
  readonly problems: readonly Problem[]
  /** Definitions of which nothing could be understood: what refers to them is not to be blamed. */
  readonly unreadable: number
}

export interface Environment {
  readonly name: string
  readonly variables: Variables
}

/** Reads all files but the mesh's own, which `readMeshFile` has read before to know the variables. */
export const readDefinitions = (files: readonly FoundFile[], environment: Environment): ReadResult => {
  const placesIn = laterPlaces()
  const read = files.map(file => known(file, placesIn) ?? readOne(file, environment, placesIn))
  return {
    documents: read.flatMap(it => (it.document === undefined ? [] : [it.document])),
    problems: read.flatMap(it => it.problems),
    unreadable: read.filter(it => it.document === undefined && it.problems.length > 0).length,
  }
}

interface ReadOne {
  readonly document?: ReadDocument
  readonly problems: readonly Problem[]
}

type PlacesIn = ReturnType<typeof laterPlaces>

/** What was read before; a file that is somebody else's is read again, which is soon done. */
const known = (found: FoundFile, placesIn: PlacesIn): ReadOne | undefined => {
  const { root, file, known: it } = found
  if (it?.is !== 'definition') return undefined
  const { kind, hash, document, problems } = it
  const definition: Definition = { subject: '', root, file, hash, body: document, at: placesIn(file, () => found.text) }
  return { document: { kind, document, definition } as ReadDocument, problems } // kept by readOne, which validated it as this very kind
}

export const readOne = (
  found: FoundFile,
  environment: Environment | undefined,
  placesIn: PlacesIn = laterPlaces(),
): ReadOne => {
  const parsed = parseFile(found.file, found.text)
  if (parsed.problems.length > 0) return { problems: parsed.problems }
  const kind = kindOf(parsed)
  if ('problem' in kind) return { problems: kind.problem === undefined ? [] : [kind.problem] }
  const filled =
    environment === undefined
      ? { body: parsed.body, problems: [] }
      : fillVariables(parsed.body, environment.variables, parsed.at, environment.name)
  const { value, problems } = validateDocument(kind.kind, filled.body, parsed.at)
  const all = [...filled.problems, ...problems]
  if (value === undefined) return { problems: all }
  const hash = hashValue(value)
  found.learn?.({ is: 'definition', kind: kind.kind, hash, document: value, problems: all })
  const definition: Definition = {
    subject: '',
    root: found.root,
    file: found.file,
    hash,
    body: value,
    // Parts of the standard that were moved while it was read are found by the paths of what was written.
    at: placesIn(found.file, () => found.text),
  }
  return { document: { kind: kind.kind, document: value, definition } as ReadDocument, problems: all } // the value was validated as this very kind
}

type KindFound = { readonly kind: DocumentKind } | { readonly problem: Problem | undefined }

/** A file of somebody else (`kind: Deployment`) is passed over; one that was meant for us and says its kind wrongly is told so. */
const kindOf = (parsed: ParsedFile): KindFound => {
  const { body, at, file } = parsed
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return isNamedOurs(file) ? noKind(parsed) : passed
  const entries = new Map<string, unknown>(Object.entries(body))
  const kind = entries.get('kind')
  const known = documentKinds.find(it => it === kind)
  if (known !== undefined) return { kind: known }
  const version = entries.get('apiVersion')
  const isOurs =
    version === 'weft/v1' || isNamedOurs(file) || (typeof version === 'string' && /^v\d+\.\d+\.\d+$/.test(version))
  if (kind === undefined) return isOurs ? noKind(parsed) : passed
  const meant = typeof kind === 'string' ? didYouMean(kind, documentKinds) : undefined
  if (!isOurs && meant === undefined) return passed
  if (!isOurs && typeof version === 'string' && version.includes('/')) return passed
  return {
    problem: problem(documentProblems, 'document.wrong-value', `unknown kind "${String(kind)}"`, {
      place: at(['kind']),
      found: String(kind),
      expected: documentKinds.join(', '),
      help: meant,
    }),
  }
}

const passed: KindFound = { problem: undefined }

const isNamedOurs = (file: string): boolean =>
  /\.(odps|odcs|oaas)\.(ya?ml|json)$/.test(file) || /(^|\/)(mesh|domain|pipeline)\.yaml$/.test(file)

const noKind = ({ body, at }: ParsedFile): KindFound => {
  const keys = typeof body === 'object' && body !== null ? Object.keys(body) : []
  const near = keys.find(key => didYouMean(key, ['kind']) !== undefined && key !== 'id')
  return {
    problem: problem(
      documentProblems,
      near === undefined ? 'document.missing-key' : 'document.unknown-key',
      near === undefined ? 'the file does not say what kind of definition it is' : `unknown key "${near}"`,
      {
        place: near === undefined ? at([]) : at([near], 'key'),
        found: near,
        expected: `kind: ${documentKinds.join(', ')}`,
        help: near === undefined ? undefined : 'did you mean "kind"?',
      },
    ),
  }
}
