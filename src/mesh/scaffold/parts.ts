/** The files of a domain, a product, a port: what they say when nobody has said more. Pure. */
import type { ContractDocument, DatasetDocument, ServerDocument } from '../../domain/index.ts'
import { definitionText } from './text.ts'
import type { ScaffoldFile } from './write.ts'

/** `shop-orders` as `Shop orders`. */
export const titleOf = (slug: string): string => {
  const words = slug.replaceAll(/[-_]+/g, ' ').trim()
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
}

export const domainFile = (folder: string, id: string, owner: string): ScaffoldFile => ({
  file: `${folder}/domain.yaml`,
  text: definitionText('A domain is a team and what it answers for.', {
    apiVersion: 'weft/v1',
    kind: 'Domain',
    id,
    name: titleOf(id),
    team: { name: teamOf(id), members: [{ username: owner, role: 'owner' }] },
  }),
})

export const teamOf = (domain: string): string => `${domain}-team`

export interface InputEntry {
  readonly name: string
  readonly version: string
  readonly contractId: string
}

export interface OutputEntry extends InputEntry {
  readonly type: 'tables'
}

export const productFile = (
  folder: string,
  it: {
    readonly domain: string
    readonly product: string
    readonly type: 'sourceAligned' | 'aggregate' | 'consumerAligned'
    readonly purpose: string
    readonly team: string | undefined
    readonly inputs: readonly InputEntry[]
    readonly outputs: readonly OutputEntry[]
  },
): ScaffoldFile => ({
  file: `${folder}/${it.product}.odps.yaml`,
  text: definitionText('A data product: what it reads, and what others can read.', {
    apiVersion: 'v1.1.0',
    kind: 'DataProduct',
    id: `${it.domain}.${it.product}`,
    name: titleOf(it.product),
    version: '1.0.0',
    status: 'draft',
    type: it.type,
    domain: it.domain,
    description: { purpose: it.purpose },
    ...(it.inputs.length === 0 ? {} : { inputPorts: it.inputs }),
    outputPorts: it.outputs,
    ...(it.team === undefined ? {} : { team: { name: it.team } }),
  }),
})

export const contractFile = (
  folder: string,
  remark: string,
  it: {
    readonly id: string
    readonly port: string
    readonly domain: string
    readonly purpose: string
    readonly team: string | undefined
    readonly servers?: readonly ServerDocument[]
    readonly dataset: DatasetDocument
  },
): ScaffoldFile => ({
  file: `${folder}/contracts/${it.port}.v1.odcs.yaml`,
  text: definitionText(remark, {
    apiVersion: 'v3.2.0',
    kind: 'DataContract',
    id: it.id,
    name: titleOf(it.port),
    version: '1.0.0',
    status: 'draft',
    domain: it.domain,
    description: { purpose: it.purpose },
    ...(it.servers === undefined ? {} : { servers: [...it.servers] }),
    schema: [it.dataset],
    ...(it.team === undefined ? {} : { team: { name: it.team } }),
  } satisfies ContractDocument),
})

export const pipelineFile = (
  folder: string,
  product: string,
  partition?: { readonly dataset: string; readonly column: string; readonly grain: string },
): ScaffoldFile => ({
  file: `${folder}/pipeline.yaml`,
  text: definitionText('When and how the datasets are made. A schedule comes here: schedule: { cron: "30 4 * * *" }.', {
    apiVersion: 'weft/v1',
    kind: 'Pipeline',
    product,
    ...(partition === undefined
      ? {}
      : {
          datasets: {
            [partition.dataset]: {
              materialization: 'partitioned',
              partition: { column: partition.column, grain: partition.grain },
            },
          },
        }),
  }),
})
