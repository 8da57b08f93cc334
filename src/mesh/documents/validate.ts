/** A document against the schema of its kind: one problem for each mistake, at its place, with the nearest valid name. */
import type { z } from 'zod'
import { didYouMean, nearest, type Place, type Problem, plainPlace, problem } from '../../base/index.ts'
import {
  type Definition,
  type Finding,
  type Lenient,
  lenientContract,
  lenientProduct,
  type Path,
  type Remark,
  validKeys,
} from '../../domain/index.ts'
import { type DocumentKind, type DocumentTypes, documentSchemas } from './kinds.ts'
import { documentProblems } from './problems.ts'
import { salvaged } from './salvage.ts'
import { schemaAt, valueAt } from './schema-at.ts'
import { joinSplitTexts } from './split-texts.ts'

export interface Validated<Kind extends DocumentKind> {
  /** Absent where the document cannot be used safely. */
  readonly value?: DocumentTypes[Kind]
  readonly problems: readonly Problem[]
}

/** Newest forms of the standards; older and slightly wrong ones are read with a warning. */
export const validateDocument = <Kind extends DocumentKind>(
  kind: Kind,
  body: unknown,
  at: Definition['at'],
): Validated<Kind> => {
  const lenient: Lenient =
    kind === 'DataContract'
      ? lenientContract(body)
      : kind === 'DataProduct'
        ? lenientProduct(body)
        : { body, remarks: [] }
  const joined = joinSplitTexts(lenient.body)
  const remarks = [...lenient.remarks, ...joined.remarks].map(it =>
    problem(documentProblems, 'document.lenient', it.message, {
      place: at(it.path, it.at),
      found: it.found,
      expected: it.expected,
    }),
  )
  const { value = salvaged(kind, joined.body, body => findingsOf(kind, body)), findings } = findingsOf(
    kind,
    joined.body,
  )
  const asWritten: Definition['at'] = (path, what) => at(pathAsWritten(path, lenient.remarks), what)
  return {
    problems: [...findings.map(it => problemOf(it, asWritten, joined.body)), ...remarks],
    ...(value === undefined ? {} : { value: value as DocumentTypes[Kind] }), // parsed by this kind's schema
  }
}

/** A part that was moved while it was read is found where it was written. */
const pathAsWritten = (path: Path, remarks: readonly Remark[]): Path => {
  const moved = remarks.find(({ now }) => now?.every((step, index) => step === path[index]) === true)
  return moved?.now === undefined ? path : [...moved.path, ...path.slice(moved.now.length)]
}

/** A finding with its path from the document's top. */
export type Placed = Finding & { readonly path: Path }

/** The verdict without leniency, in the order of the document. */
export const findingsOf = (
  kind: DocumentKind,
  body: unknown,
): { readonly value?: unknown; readonly findings: readonly Placed[] } => {
  const schema = documentSchemas[kind]
  const parsed = schema.safeParse(body)
  if (parsed.success) return { value: parsed.data, findings: [] }
  const found = parsed.error.issues.flatMap(issue => findings(schema, body, issue, []))
  return { findings: withoutEchoes(found) }
}

const problemOf = (it: Placed, at: Definition['at'], body: unknown): Problem => {
  const place = at(it.path, it.at ?? 'value')
  const { code, message, found, expected, help, span } = it
  const inside = span === undefined ? place : within(place, span, String(valueAt(body, it.path)))
  return problem(documentProblems, code, message, { place: inside, found, expected, help })
}

/** A text in quotes begins one character behind its place; one over several lines cannot be counted into. */
const within = (place: Place, span: { readonly from: number; readonly to: number }, text: string): Place => {
  const width = (place.endColumn ?? 0) - place.column
  const quote = width === [...text].length + 2 ? 1 : 0
  if (place.endLine !== place.line || width !== [...text].length + 2 * quote) return place
  const start = place.column + quote
  return { ...plainPlace(place), column: start + span.from, endColumn: start + span.to }
}

type Issue = z.core.$ZodIssue

const findings = (schema: z.ZodType, body: unknown, issue: Issue, before: Path): Placed[] => {
  const path = [...before, ...issue.path.map(step => (typeof step === 'symbol' ? String(step) : step))]
  if (issue.code === 'custom') {
    const finding = (issue.params as { finding?: Finding } | undefined)?.finding // set by domain/documents.ts
    if (finding !== undefined) return [withHelp({ ...finding, path }, schema, body)]
    return [{ path, code: 'document.wrong-value', message: issue.message, found: shown(valueAt(body, path)) }]
  }
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey(schema, body, path, key))
  if (issue.code === 'invalid_union') return unionFindings(schema, body, issue, path)
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element')
    return issue.issues
      .flatMap(inner => findings(schema, body, { ...inner, path: [] }, path))
      .map(it => ({ ...it, at: 'key' as const })) // inner issues have the shape of issues
  const value = valueAt(body, path)
  if (value === undefined && isMissing(body, path)) return [missing(path)]
  if (issue.code === 'invalid_value') return [wrongChoice(issue.values.map(String), value, path)]
  if (issue.code === 'invalid_type') return [wrongType(issue.expected, value, path)]
  return [{ path, code: 'document.wrong-value', message: sizeMessage(issue) ?? issue.message, found: shown(value) }]
}

const sizeMessage = (issue: Issue): string | undefined => {
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined
  const bound = String(issue.code === 'too_small' ? issue.minimum : issue.maximum)
  const word = issue.code === 'too_small' ? 'at least' : 'at most'
  if (issue.origin === 'array') return `the list needs ${word} ${bound} ${bound === '1' ? 'entry' : 'entries'}`
  if (issue.inclusive === false) return `it must be ${issue.code === 'too_small' ? 'more' : 'less'} than ${bound}`
  return `it must be ${word} ${bound}`
}

const isMissing = (body: unknown, path: Path): boolean => {
  const parent = valueAt(body, path.slice(0, -1))
  const key = path.at(-1)
  return typeof parent === 'object' && parent !== null && typeof key === 'string' && !Object.hasOwn(parent, key)
}

const missing = (path: Path): Placed => {
  const key = String(path.at(-1))
  return {
    path: path.slice(0, -1),
    at: 'key',
    code: 'document.missing-key',
    message: `missing key "${key}"`,
    expected: key,
    oneOf: [key],
  }
}

/** Of several forms the one that was most likely meant: which gets furthest before it fails. */
const unionFindings = (
  schema: z.ZodType,
  body: unknown,
  issue: Issue & { code: 'invalid_union' },
  path: Path,
): Placed[] => {
  const options = issue.errors.filter(it => it.length > 0)
  const depth = (issues: readonly Issue[]): number => {
    const [first] = issues
    if (first === undefined) return 0
    const isOfOtherKind = issues.some(it => it.code === 'invalid_type' && it.path.length === 0)
    return isOfOtherKind ? -1 : 100 - issues.length
  }
  const best = [...options].sort((a, b) => depth(b) - depth(a))[0]
  if (best === undefined || depth(best) < 0) {
    const value = valueAt(body, path)
    if (value === undefined && isMissing(body, path)) return [missing(path)]
    const expected = [
      ...new Set(
        options
          .flat()
          .flatMap(it =>
            it.code === 'invalid_type' ? [it.expected] : it.code === 'invalid_value' ? it.values.map(String) : [],
          ),
      ),
    ]
    return [
      {
        path,
        code: 'document.wrong-type',
        message: `${kindOf(value)} is not what this key takes`,
        found: shown(value),
        expected: expected.map(typeWord).join(', '),
      },
    ]
  }
  return best.flatMap(inner => findings(schema, body, inner, path))
}

const unknownKey = (schema: z.ZodType, body: unknown, path: Path, key: string): Placed => {
  const value = valueAt(body, path)
  const valid = validKeys(schemaAt(schema, path, body) ?? schema, value)
  const start = /^\d+\)\]?$/.test(key) ? Object.values({ ...(value ?? {}) }).find(isCutType) : undefined
  const isSplit = start !== undefined
  const help = isSplit ? `quote the type: "${start},${key}"` : didYouMean(key, valid)
  return {
    path: [...path, key],
    at: 'key',
    code: 'document.unknown-key',
    message: isSplit ? 'a comma inside { } ends a value; the type needs quotes' : `unknown key "${key}"`,
    found: key,
    expected: valid.length === 0 ? undefined : valid.join(', '),
    ...(help === undefined ? {} : { help }),
  }
}

const isCutType = (value: unknown): value is string => typeof value === 'string' && /^[a-z ]+\(\d+$/i.test(value)

/** A finding of the document's own checks that names no nearest key yet. */
const withHelp = (finding: Placed, schema: z.ZodType, body: unknown): Placed => {
  if (finding.code === 'document.missing-key') {
    const key = finding.path.at(-1)
    const oneOf = finding.oneOf ?? (finding.expected === undefined ? [] : [finding.expected])
    const isKey = typeof key === 'string' && oneOf.includes(key)
    return { ...finding, oneOf, at: 'key', path: isKey ? finding.path.slice(0, -1) : finding.path }
  }
  if (finding.code !== 'document.unknown-key' || finding.help !== undefined) return finding
  const parent = finding.path.slice(0, -1)
  const help = didYouMean(
    finding.found ?? '',
    validKeys(schemaAt(schema, parent, body) ?? schema, valueAt(body, parent)),
  )
  return help === undefined ? finding : { ...finding, help }
}

const wrongChoice = (valid: readonly string[], value: unknown, path: Path): Placed => {
  const found = shown(value)
  const help = typeof value === 'string' ? didYouMean(value, valid) : undefined
  const [only] = valid
  return {
    path,
    code: 'document.wrong-value',
    message: valid.length === 1 ? `"${found}" is not "${only}"` : `unknown value "${found}"`,
    found,
    expected: valid.join(', '),
    ...(help === undefined ? {} : { help }),
  }
}

const wrongType = (expected: string, value: unknown, path: Path): Placed => {
  const key = String(path.at(-1) ?? '')
  const isNumberForText = expected === 'string' && typeof value === 'number'
  return {
    path,
    code: 'document.wrong-type',
    message: `${key === '' ? 'it' : `"${key}"`} is ${kindOf(value)}, not ${typeWord(expected)}`,
    found: shown(value),
    expected: typeWord(expected),
    ...(isNumberForText
      ? {
          help: `quote the ${/version/i.test(key) ? 'version' : 'value'}: "${String(value)}${/version/i.test(key) && Number.isInteger(value) ? '.0.0' : ''}"`,
        }
      : {}),
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  tuple: 'a list',
  null: 'nothing',
}

const typeWord = (type: string): string => typeWords[type] ?? type

const kindOf = (value: unknown): string => {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return 'a number'
  return typeWord(typeof value)
}

const shown = (value: unknown): string => {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** One mistake is told once: the misspelt key, and not also the one that it was meant to be; the wrong type, and not what is missing inside; nothing twice. */
const withoutEchoes = (found: readonly Placed[]): Placed[] => {
  const told = new Map<string, Placed>()
  // The later one comes from a check that knows more of the value.
  for (const it of found) told.set(identityOf(it), it)
  const distinct = [...told.values()]
  const unknown = distinct.filter(it => it.code === 'document.unknown-key')
  const wrong = distinct.filter(it => it.code === 'document.wrong-type')
  return distinct.filter(it => {
    if (wrong.some(one => one !== it && startsWith(it.path, one.path))) return false
    if (it.code !== 'document.missing-key') return true
    const beside = unknown.filter(one => one.path.length === it.path.length + 1 && startsWith(one.path, it.path))
    return !beside.some(one => nearest(one.found ?? '', it.oneOf ?? []) !== undefined)
  })
}

const startsWith = (path: Path, start: Path): boolean => start.every((step, index) => step === path[index])

const identityOf = ({ path, code, oneOf, message }: Placed): string => {
  const isByPath = code === 'document.unknown-key' || code === 'document.wrong-type'
  return JSON.stringify([path, code, code === 'document.missing-key' ? oneOf : isByPath ? '' : message])
}
