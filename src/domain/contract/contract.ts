/** A contract's document as datasets, columns and servers of the mesh. Pure; links to other contracts are followed by the caller. */
import type { Definition, Path } from '../definition.ts'
import type { Column, Contract, Dataset, Server } from '../mesh.ts'
import { typeOf } from '../schema/type.ts'
import { majorOf } from '../version.ts'
import type { ColumnDocument, ContractDocument, DatasetDocument, ServerDocument } from './documents.ts'
import { rulesOf } from './rules.ts'

/** Where a relationship of a contract leads. */
export interface KeyTarget {
  /** The id of another contract; absent: the same. */
  readonly contract?: string
  /** A file that the reference names, as written. */
  readonly file?: string
  readonly dataset: string
  readonly column: string
}

/** The dataset's subject and the column's name that a target means; undefined where it leads nowhere. */
export type ResolveKey = (
  target: KeyTarget,
  path: Path,
) => { readonly dataset: string; readonly column: string } | undefined

/** `definition.subject` becomes the prefix of the datasets' subjects. */
export const contractOf = (
  document: ContractDocument,
  definition: Definition,
  subject: string,
  resolveKey: ResolveKey,
): Contract => {
  const { id, version, status } = document
  return {
    ...definition,
    subject,
    at: definition.at,
    id,
    version,
    major: majorOf(version),
    status: status ?? 'draft',
    datasets: (document.schema ?? []).map((it, index) =>
      datasetOf(document, it, ['schema', index], definition, subject, resolveKey),
    ),
    servers: (document.servers ?? []).map((it, index) => serverOf(it, definition, ['servers', index])),
    ...(document.name === undefined ? {} : { name: document.name }),
    ...deprecationOf(document),
  }
}

const datasetOf = (
  contract: ContractDocument,
  document: DatasetDocument,
  path: Path,
  { at }: Definition,
  subject: string,
  resolveKey: ResolveKey,
): Dataset => {
  const properties = document.properties ?? []
  const whole = `${subject}.${document.name}`
  return {
    subject: whole,
    name: document.name,
    columns: columnsOf(properties, path, at),
    rules: rulesOf({ contract, dataset: document, path, at, resolveKey }),
    ...tagsOf(contract, document),
    place: at([...path, 'name']),
    ...(document.businessName === undefined ? {} : { businessName: document.businessName }),
    ...(document.description === undefined ? {} : { description: document.description }),
  }
}

const tagsOf = (contract: ContractDocument, dataset: DatasetDocument): Pick<Dataset, 'tags'> => {
  const tags = [...new Set([...(contract.tags ?? []), ...(dataset.tags ?? [])])]
  return tags.length === 0 ? {} : { tags }
}

const columnsOf = (properties: readonly ColumnDocument[], path: Path, at: Definition['at']): Column[] => {
  let position = 0
  return properties.map((document, index) => {
    const isKey = document.primaryKey === true
    if (isKey) position++
    return columnOf(document, at([...path, 'properties', index, 'name']), isKey ? position : undefined)
  })
}

const columnOf = (document: ColumnDocument, place: Column['place'], position: number | undefined): Column => {
  const { name, businessName, physicalName, id, required, unique, description, classification, tags } = document
  const { primaryKeyPosition } = document
  const keyPosition =
    position === undefined
      ? undefined
      : primaryKeyPosition !== undefined && primaryKeyPosition > 0
        ? primaryKeyPosition
        : position
  const { type } = typeOf(document)
  const sourceType = typeOf(document, it => it.physicalName ?? it.name).type
  const values = document.enum?.flatMap(it => (it.value === null ? [] : [it.value]))
  return {
    name,
    type,
    logicalType: document.logicalType ?? 'string',
    nullable: required !== true && position === undefined,
    unique: unique === true,
    tags: tags ?? [],
    terms: (document.authoritativeDefinitions ?? []).flatMap(it => termOf(it.url) ?? []),
    place,
    ...(id === undefined ? {} : { id }),
    ...(businessName === undefined ? {} : { businessName }),
    ...(physicalName === undefined || physicalName === name ? {} : { physicalName }),
    ...(sourceType === type ? {} : { sourceType }),
    ...(keyPosition === undefined ? {} : { primaryKeyPosition: keyPosition }),
    ...(description === undefined ? {} : { description }),
    ...(classification === undefined ? {} : { classification }),
    ...(values === undefined ? {} : { enum: values }),
  }
}

/** The id of the term that a link names: `weft:term/customer`. */
export const termOf = (url: string): string | undefined => /^weft:term\/(.+)$/.exec(url)?.[1]

const serverOf = (document: ServerDocument, { at }: Definition, path: Path): Server => {
  const { server, type, path: file, location, format, customProperties, ...rest } = document
  const extra = Object.fromEntries((customProperties ?? []).map(it => [it.property, it.value]))
  return {
    name: server,
    type,
    location: file ?? location ?? '',
    options: { ...rest, ...extra },
    place: at([...path, file === undefined && location !== undefined ? 'location' : 'path']),
    ...(format === undefined ? {} : { format }),
  }
}

/** `customProperties` of vendor weft called `deprecation`. */
const deprecationOf = (document: ContractDocument): Pick<Contract, 'deprecation'> => {
  const value = document.customProperties?.find(it => it.property === 'deprecation')?.value
  if (typeof value !== 'object' || value === null) return {}
  const text = (key: string): Record<string, string> => {
    const found: unknown = Object.entries(value).find(([name]) => name === key)?.[1]
    return typeof found === 'string' ? { [key]: found } : {}
  }
  return { deprecation: { ...text('since'), ...text('until'), ...text('successor'), ...text('reason') } }
}
