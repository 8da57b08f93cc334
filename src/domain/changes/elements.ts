/** A column with all that lies inside of it, whether the contract says it by parts or in one type: what is compared with another version. Pure. */
import type { Place } from '../../base/index.ts'
import type { ColumnDocument, ItemDocument } from '../contract/documents.ts'
import type { Definition, Path } from '../definition.ts'
import { insideOf, typeOf } from '../schema/type.ts'

export interface Element {
  /** From the column on: `address.city`, `lines[].sku`, `labels[value]`. */
  readonly name: string
  readonly document: ItemDocument
  readonly place: Place
  /** In its one spelling; of what has parts only their kind, since they are compared by themselves. */
  readonly type: string
  readonly isNullable: boolean
  readonly inside: readonly Element[]
}

export const columnElements = (columns: readonly ColumnDocument[], path: Path, at: Definition['at']): Element[] =>
  columns.map((it, index) => {
    const own = [...path, 'properties', index]
    return elementOf(it, it.name, at([...own, 'name']), own, at, it.required !== true && it.primaryKey !== true)
  })

/** All of them, each before what lies inside. */
export const flatElements = (elements: readonly Element[]): Element[] =>
  elements.flatMap(it => [it, ...flatElements(it.inside)])

const elementOf = (
  document: ItemDocument,
  name: string,
  place: Place,
  path: Path,
  at: Definition['at'],
  isNullable: boolean,
): Element => {
  const { type } = typeOf({ ...document, name })
  const parts = partsOf(document, type)
  const inside = parts.map(part => {
    const own = [...path, ...part.step]
    const isRequired = part.document.required === true || part.suffix === '[key]'
    return elementOf(part.document, `${name}${part.suffix}`, at(own), own, at, !isRequired)
  })
  const kind = parts.length === 0 ? type : kindOf(type)
  return { name, document, place, type: kind, isNullable, inside }
}

/** A list of a fixed length is another kind than one of any. */
const kindOf = (type: string): string => /\[(\d*)\]$/.exec(type)?.[0] ?? /^(STRUCT|MAP)/i.exec(type)?.[0] ?? type

interface Part {
  readonly suffix: string
  readonly step: Path
  readonly document: ItemDocument
}

const partsOf = ({ properties, items, map }: ItemDocument, type: string): Part[] => {
  if (map !== undefined)
    return (['key', 'value'] as const).map(side => ({ suffix: `[${side}]`, step: ['map', side], document: map[side] }))
  if (items !== undefined) return [{ suffix: '[]', step: ['items'], document: items }]
  if (properties !== undefined && properties.length > 0)
    return properties.map((it, index) => ({ suffix: `.${it.name}`, step: ['properties', index], document: it }))
  return partsOfType(type)
}

/** `STRUCT(a INTEGER)` says its parts in its type alone. */
const partsOfType = (type: string): Part[] => {
  const inside = insideOf(type)
  const part = (suffix: string, physicalType: string, name?: string): Part => ({
    suffix,
    step: ['physicalType'],
    document: { physicalType, ...(name === undefined ? {} : { name }) },
  })
  switch (inside?.kind) {
    case 'list':
      return [part('[]', inside.item)]
    case 'map':
      return [part('[key]', inside.key), part('[value]', inside.value)]
    case 'struct':
      return inside.fields.map(it => part(`.${it.name}`, it.type, it.name))
    default:
      return []
  }
}
