/** Products before their links are followed: who they are and which ports they have. */
import { nearest } from '../base/index.ts'
import {
  type Definition,
  type InputPortDocument,
  majorOf,
  type OutputPort,
  type OutputPortDocument,
  type PortKind,
  type ProductDocument,
  slugOf,
} from '../domain/index.ts'
import type { ContractEntry, Contracts } from './contracts.ts'
import type { ReadDocument } from './read.ts'

export interface OutputDraft extends Omit<OutputPort, 'contract' | 'datasets'> {
  entry?: ContractEntry
}

export interface ProductDraft {
  readonly document: ProductDocument
  readonly definition: Definition
  readonly subject: string
  readonly slug: string
  readonly domain: string
  readonly inputs: readonly InputPortDocument[]
  readonly outputs: OutputDraft[]
  /** Made from a contract that no product names. */
  readonly isImplied: boolean
}

/** The domain of products that name none. */
const noDomain = 'main'

/** `domains` are those that files describe: a slip in the name of one is told elsewhere, and the nearest is taken. */
export const productDraft = (
  document: ProductDocument,
  definition: Definition,
  domains: readonly string[] = [],
): ProductDraft => {
  const set = document.customProperties?.find(it => it.property === 'slug' && it.vendor === 'weft')?.value
  const slug = typeof set === 'string' ? set : slugOf(document.name ?? document.id) || 'product'
  const written = slugOf(document.domain ?? '') || noDomain
  const domain = domains.length === 0 || domains.includes(written) ? written : (nearest(written, domains) ?? written)
  const subject = `${domain}.${slug}`
  return {
    document,
    definition: { ...definition, subject },
    subject,
    slug,
    domain,
    inputs: document.inputPorts ?? [],
    outputs: (document.outputPorts ?? []).map((port, index) => outputDraft(subject, port, index, definition)),
    isImplied: false,
  }
}

const outputDraft = (product: string, port: OutputPortDocument, index: number, { at }: Definition): OutputDraft => {
  const major = majorOf(port.version)
  const name = portName(port.name)
  return {
    subject: `${product}.${name}.v${major}`,
    name,
    major,
    version: port.version ?? '',
    kind: portKind(port.type),
    place: at(['outputPorts', index]),
    ...(port.id === undefined ? {} : { id: port.id }),
  }
}

/** A port's name as a word of a subject. */
export const portName = (name: string): string =>
  /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : slugOf(name) || 'port'

const kinds: readonly PortKind[] = ['dashboard', 'model', 'api', 'application']

/** `type` is a free word of the standard: what is none of ours is taken for tables. */
const portKind = (type: string | undefined): PortKind => kinds.find(it => it === type?.toLowerCase()) ?? 'tables'

/** A product for each contract that neither an output nor an input port names. */
export const impliedProducts = (
  documents: readonly ReadDocument[],
  contracts: Contracts,
  drafts: readonly ProductDraft[],
): ProductDraft[] => {
  const taken = new Set(drafts.map(it => it.subject))
  const read = new Set(drafts.flatMap(it => it.inputs.map(input => input.contractId)))
  const implied: ProductDraft[] = []
  for (const it of documents) {
    if (it.kind !== 'DataContract') continue
    const entry = contracts.find(it.document.id, it.document.version)
    if (entry?.definition !== it.definition || entry.provider !== undefined || read.has(it.document.id)) continue
    const { name, id, version, status, domain, description } = it.document
    const slug = slugOf(name ?? id) || 'contract'
    const document: ProductDocument = {
      apiVersion: 'v1.1.0',
      kind: 'DataProduct',
      id,
      name: name ?? id,
      version,
      ...(status === undefined ? {} : { status }),
      ...(domain === undefined ? {} : { domain }),
      ...(typeof description?.purpose === 'string' ? { description: { purpose: description.purpose } } : {}),
    }
    const of = productDraft(document, it.definition)
    if (taken.has(of.subject)) continue
    taken.add(of.subject)
    const major = majorOf(version)
    const port = `${of.subject}.${slug}.v${major}`
    entry.provider = { product: of.subject, port }
    const output: OutputDraft = {
      subject: port,
      name: slug,
      major,
      version,
      kind: 'tables',
      place: it.definition.at(['id']),
      entry,
    }
    implied.push({ ...of, outputs: [output], isImplied: true })
  }
  return implied
}
