/** A port's contract, put together from the entities that keep it in pieces, and the changes of a plan that two of them make. Pure. */
import { canonicalJson } from '../base/index.ts'
import {
  type ColumnDocument,
  type ContractChange,
  type ContractDocument,
  type ContractSide,
  compareContracts,
  type DatasetDocument,
  type Origins,
} from '../domain/index.ts'
import type { ColumnBody } from './desired.ts'
import type { Change, ChangeClass, EntityKind } from './plan.ts'

/** What catalogue and files have in common. */
export interface Piece {
  readonly kind: EntityKind
  readonly subject: string
  readonly parent?: string | undefined
  readonly body: unknown
  readonly file: string
  readonly line: number
}

/** Pieces below each parent. */
export type Children = ReadonlyMap<string, readonly Piece[]>

const pieceKinds: ReadonlySet<EntityKind> = new Set(['contract', 'dataset', 'column'])

export const childrenOf = (pieces: Iterable<Piece>): Children => {
  const found = new Map<string, Piece[]>()
  for (const it of pieces) {
    if (it.parent === undefined || !pieceKinds.has(it.kind)) continue
    const list = found.get(it.parent)
    if (list === undefined) found.set(it.parent, [it])
    else list.push(it)
  }
  return found
}

/** The contract of a port; undefined where it has none. Places are those of the contract: each piece has its own. */
const sideOf = (port: string, children: Children, later: Children = new Map()): ContractSide | undefined => {
  const own = children.get(port) ?? []
  const contract = own.find(it => it.kind === 'contract')
  if (contract === undefined) return undefined
  const { document } = contract.body as { document: Omit<ContractDocument, 'schema'> } // bodies are written by desired.ts only
  const schema = own.filter(it => it.kind === 'dataset').map(it => datasetOf(it, children, later))
  const place = { file: contract.file, line: contract.line, column: 1 }
  return { document: { ...document, schema }, at: () => place }
}

interface DatasetBody {
  readonly name: string
  readonly document?: Omit<DatasetDocument, 'properties'>
}

/** Catalogues of before kept no documents of datasets and columns: what they did not keep is taken for what it is now. */
const datasetOf = ({ body, subject }: Piece, children: Children, later: Children): DatasetDocument => {
  const { name, document } = body as DatasetBody // as above
  const port = subject.slice(0, subject.lastIndexOf('.'))
  const now = later.get(port)?.find(it => it.kind === 'dataset' && it.subject === subject)?.body as
    | DatasetBody
    | undefined // as above
  const columnsNow = new Map((later.get(subject) ?? []).map(it => [it.subject, it.body as ColumnBody])) // as above
  const properties = (children.get(subject) ?? [])
    .filter(it => it.kind === 'column')
    .map(it => ({ body: it.body as ColumnBody, now: columnsNow.get(it.subject) })) // as above
    .sort((a, b) => a.body.position - b.body.position)
    .map(it => columnOf(it.body, it.now))
  return { ...(document ?? now?.document ?? { name: name ?? subject }), properties }
}

const columnOf = (body: ColumnBody, now: ColumnBody | undefined): ColumnDocument => {
  if (body.document !== undefined) return body.document
  const { name, id, type, nullable, unique, description, classification, tags } = body
  const isAlike = (['name', 'id', 'type', 'nullable', 'unique', 'enum'] as const).every(
    key => canonicalJson(body[key]) === canonicalJson(now?.[key]),
  )
  if (!isAlike || now?.document === undefined)
    return { name, id, physicalType: type, required: !nullable, unique, description, classification, tags: [...tags] }
  const hadTags = tags.length > 0 || now.tags.length > 0
  return { ...now.document, description, classification, ...(hadTags ? { tags: [...tags] } : {}) }
}

/** `.lines[].sku` lies inside the column `lines`: its change is one of the column. */
const columnSubject = (subject: string, columns: ReadonlySet<string>): string => {
  let cut = subject
  while (!columns.has(cut)) {
    const end = Math.max(cut.lastIndexOf('.'), cut.lastIndexOf('['))
    if (end < 0) return subject
    cut = cut.slice(0, end)
  }
  return cut
}

const classOf = ({ reader, kind, rule }: ContractChange): ChangeClass => {
  if (reader === 'breaking') return 'breaking'
  // What is served was not made under it.
  if (kind === 'check' && rule !== 'check.advice') return 'data'
  return reader === 'additive' ? 'additive' : 'metadata'
}

/** How the contract of a port that was there before and stays has changed, as a plan says it. */
export const contractChanges = (
  port: string,
  before: Children,
  after: Children,
  placeOf: (kind: EntityKind, subject: string) => { readonly file: string; readonly line: number } | undefined,
  origins: Origins | undefined,
): Change[] => {
  const [from, to] = [sideOf(port, before, after), sideOf(port, after)]
  if (from === undefined || to === undefined) return []
  const columns = new Set(
    [before, after].flatMap(side =>
      (side.get(port) ?? []).flatMap(dataset => (side.get(dataset.subject) ?? []).map(it => it.subject)),
    ),
  )
  const options = { subject: port, ...(origins === undefined ? {} : { origins }) }
  return compareContracts(from, to, options).changes.map(it => {
    const subject = it.kind === 'column' ? columnSubject(it.subject, columns) : it.subject
    const inside = it.subject.slice(subject.length).replace(/^\./, '')
    const own = placeOf(it.kind, subject) ?? { file: it.file ?? '', line: it.line ?? 1 }
    const { detail, ...rest } = it
    return {
      ...rest,
      ...own,
      subject,
      detail: inside === '' ? detail : `${inside}: ${detail}`,
      // Inside of a column something came or went: the column itself is another.
      change: inside === '' ? it.change : 'changed',
      class: classOf(it),
    }
  })
}
