/** What lineage tells of, by kind and subject. Pure. */
import { productOf } from '../domain/index.ts'

export type NodeKind =
  | 'product'
  | 'inputPort'
  | 'outputPort'
  | 'dataset'
  /** A dataset of a source outside the mesh. */
  | 'source'
  | 'column'
  | 'agreement'
  /** Something that only a contract names. */
  | 'external'

export interface NodeKey {
  readonly kind: NodeKind
  readonly subject: string
}

/** 0 columns (and the rows of datasets that they decide about), 1 datasets, 2 products. */
export const levels = { column: 0, dataset: 1, product: 2 } as const

export type Level = keyof typeof levels

export const keyOf = ({ kind, subject }: NodeKey): string => `${kind} ${subject}`

const isPort = /^[^.]+\.[^.]+\.[^.]+\.v\d+$/
const ofPublished = /^((?:[^.]+\.){3}v\d+\.[^.]+)\../
const isPublished = /^([^.]+\.[^.]+\.[^.]+\.v\d+)\.[^.]+$/

/** A dataset of an output port has its major in its subject; what has none is a source's. */
export const datasetKey = (subject: string): NodeKey => ({
  kind: isPublished.test(subject) ? 'dataset' : 'source',
  subject,
})

export const columnKey = (dataset: string, column: string): NodeKey => ({
  kind: 'column',
  subject: `${dataset}.${column}`,
})

export const domainOf = (subject: string): string => subject.split('.')[0] ?? ''

export const lastOf = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1)

/** What something lies in; undefined where it stands by itself. */
export const parentOf = ({ kind, subject }: NodeKey): NodeKey | undefined => {
  const above = subject.slice(0, Math.max(0, subject.lastIndexOf('.')))
  switch (kind) {
    case 'column': {
      // A column's own name may have points in it.
      const dataset = ofPublished.exec(subject)?.[1] ?? above
      return dataset === '' ? undefined : datasetKey(dataset)
    }
    case 'dataset':
      return { kind: 'outputPort', subject: above }
    case 'source':
      return isPort.test(above) ? undefined : { kind: 'inputPort', subject: above }
    case 'inputPort':
    case 'outputPort':
      return { kind: 'product', subject: productOf(subject) }
    default:
      return undefined
  }
}
