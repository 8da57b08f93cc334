/** Operation product.scaffold: the files of a domain, a product, a port or a source, as a person would begin them. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { didYouMean, type OperationContext, operation, problem, WeftError } from '../../base/index.ts'
import { type DatasetDocument, type Mesh, type Product, type ServerDocument, sqlName } from '../../domain/index.ts'
import { meshProblems } from '../problems.ts'
import { contractFile, domainFile, type OutputEntry, pipelineFile, productFile, titleOf } from './parts.ts'
import { type Reading, readingOf } from './reading.ts'
import {
  domainFolder,
  domainWhereNew,
  isNewDomain,
  productFolder,
  productNamed,
  refuseName,
  type Site,
  sourcePath,
  teamName,
} from './site.ts'
import { fillTemplate, readTemplate } from './template.ts'
import { withEntry } from './text.ts'
import { exists, type ScaffoldFile, writeScaffold } from './write.ts'

export interface ScaffoldParts {
  readonly project: string
  readonly check: () => Promise<{ readonly mesh: Mesh }>
}

const names = { domain: z.string(), product: z.string() }

const input = z.discriminatedUnion('what', [
  z.object({ what: z.literal('domain'), domain: z.string() }),
  z.object({
    what: z.literal('source'),
    ...names,
    port: z.string(),
    /** Absolute path or glob. */
    files: z.string(),
    draft: z.object({
      server: z.custom<Partial<ServerDocument>>(),
      source: z.custom<DatasetDocument>(),
      output: z.custom<DatasetDocument>(),
      model: z.string(),
      partition: z.object({ column: z.string(), grain: z.string() }).optional(),
    }),
  }),
  z.object({
    what: z.literal('product'),
    ...names,
    /** The output port of another product that it reads. */
    from: z.string().optional(),
  }),
  z.object({ what: z.literal('port'), ...names, port: z.string(), from: z.string().optional() }),
  z.object({ what: z.literal('template'), template: z.string(), values: z.record(z.string(), z.string()) }),
])

type Input = z.output<typeof input>

export const scaffoldOperation = operation({
  name: 'product.scaffold',
  effect: 'local',
  permission: 'mesh.write',
  summary: 'Writes the files of a new domain, product, port or source; never over one that is there.',
  input,
  async run(
    { parts, principal }: OperationContext<ScaffoldParts>,
    it,
  ): Promise<{ files: readonly string[]; changed: readonly string[] }> {
    const { mesh } = await parts.check()
    const files = await filesOf({ project: parts.project, mesh, owner: principal.name }, it)
    await writeScaffold(parts.project, files)
    const named = (isNew: boolean): string[] =>
      files.filter(file => (file.before === undefined) === isNew).map(file => file.file)
    return { files: named(true), changed: named(false) }
  },
})

const filesOf = async (site: Site, it: Input): Promise<ScaffoldFile[]> => {
  switch (it.what) {
    case 'domain':
      refuseName(it.domain)
      if (!isNewDomain(site, it.domain)) throw exists([`domain ${it.domain}`])
      return [domainFile(domainFolder(site, it.domain), it.domain, site.owner)]
    case 'source':
      return sourceFiles(site, it)
    case 'product':
      if (productNamed(site, it.domain, it.product) !== undefined) throw exists([`product ${it.domain}.${it.product}`])
      return [
        ...(await portFiles(site, {
          ...it,
          port: it.product,
          type: 'consumerAligned',
          reading: readingOf(site.mesh, it.from, sqlName(it.product)),
        })),
        ...(await pipelineWhereNew(site, it.domain, it.product)),
      ]
    case 'port':
      refuseUnknown(site, it.domain, it.product)
      return portFiles(site, {
        ...it,
        type: 'consumerAligned',
        reading: readingOf(site.mesh, it.from, sqlName(it.port)),
      })
    case 'template':
      return templateFiles(site, it.template, it.values)
    default:
      return it satisfies never
  }
}

const refuseUnknown = (site: Site, domain: string, product: string): void => {
  if (productNamed(site, domain, product) !== undefined) return
  const known = [...site.mesh.products.keys()]
  const found = `${domain}.${product}`
  throw new WeftError(
    'usage',
    problem(meshProblems, 'mesh.unknown-product', `no product is called "${found}"`, {
      found,
      expected: known.slice(0, 12).join(', '),
      help: didYouMean(found, known),
    }),
  )
}

const sourceFiles = async (site: Site, it: Extract<Input, { what: 'source' }>): Promise<ScaffoldFile[]> => {
  const { domain, product, port, draft } = it
  const id = `${domain}.${port}-files.v1`
  const title = titleOf(port).toLowerCase()
  const made = await portFiles(site, {
    domain,
    product,
    port,
    type: 'sourceAligned',
    reading: {
      input: { name: `${sqlName(port)}_files`, version: '1.0.0', contractId: id },
      dataset: draft.output,
      model: draft.model,
    },
  })
  const source = contractFile(
    productFolder(site, domain, product),
    'What is read: a contract with `servers` says where the files are and how they are written.',
    {
      id,
      port: `${port}-files`,
      domain,
      purpose: `Files of ${title}, as they are delivered.`,
      team: teamName(site, domain),
      servers: [{ server: 'files', type: 'local', path: sourcePath(site, it.files, domain), ...draft.server }],
      dataset: draft.source,
    },
  )
  const partition = draft.partition && { dataset: draft.output.name, ...draft.partition }
  return [...made, source, ...(await pipelineWhereNew(site, domain, product, partition))]
}

const pipelineWhereNew = async (
  site: Site,
  domain: string,
  product: string,
  partition?: Parameters<typeof pipelineFile>[2],
): Promise<ScaffoldFile[]> => {
  const made = pipelineFile(productFolder(site, domain, product), `${domain}.${product}`, partition)
  const isThere = (await stat(join(site.project, made.file)).catch(() => undefined)) !== undefined
  return isThere && productNamed(site, domain, product) !== undefined ? [] : [made]
}

/** A product with this one port, or one that is there with the port added. */
const portFiles = async (
  site: Site,
  it: {
    readonly domain: string
    readonly product: string
    readonly port: string
    readonly type: 'sourceAligned' | 'consumerAligned'
    readonly reading: Reading
  },
): Promise<ScaffoldFile[]> => {
  const { domain, product, port, reading } = it
  for (const name of [domain, product, port]) refuseName(name)
  const folder = productFolder(site, domain, product)
  const team = teamName(site, domain)
  const contractId = `${domain}.${port === product ? product : `${product}.${port}`}.v1`
  const output: OutputEntry = { name: port, version: '1.0.0', type: 'tables', contractId }
  const purpose = `Data of ${titleOf(port).toLowerCase()}, checked before anybody reads it.`
  const contract = contractFile(
    folder,
    'What is promised to readers. Every promise here is checked before anything is published.',
    { id: contractId, port, domain, purpose, team, dataset: reading.dataset },
  )
  const model = { file: `${folder}/models/${reading.dataset.name}.sql`, text: reading.model }
  const known = productNamed(site, domain, product)
  if (known !== undefined) return [await grown(site, known, output, reading), contract, model]
  const inputs = reading.input === undefined ? [] : [reading.input]
  return [
    ...domainWhereNew(site, domain),
    productFile(folder, { domain, product, type: it.type, purpose, team, inputs, outputs: [output] }),
    contract,
    model,
  ]
}

/** The file of a product with its new port, every other byte as it was. */
const grown = async (
  site: Site,
  product: Product,
  output: OutputEntry,
  { input, dataset }: Reading,
): Promise<ScaffoldFile> => {
  const taken = product.outputs.find(
    it => it.name === output.name || it.datasets.some(one => one.name === dataset.name),
  )
  if (taken !== undefined) throw exists([`port ${taken.subject}`])
  const before = await readFile(join(site.project, product.file), 'utf8')
  const isRead = input === undefined || product.inputs.some(it => it.name === input.name)
  const text = withEntry(before, 'outputPorts', output)
  return { file: product.file, before, text: isRead ? text : withEntry(text, 'inputPorts', input) }
}

const templateFiles = async (
  site: Site,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<ScaffoldFile[]> => {
  const template = await readTemplate(site.project, name)
  const known = template.parameters.map(it => it.name)
  const unknown = Object.keys(values).find(it => !known.includes(it))
  if (unknown !== undefined) {
    throw new WeftError(
      'usage',
      problem(meshProblems, 'scaffold.wrong-name', `template ${name} has no parameter "${unknown}"`, {
        found: unknown,
        expected: known.join(', '),
        help: didYouMean(unknown, known),
      }),
    )
  }
  const missing = template.parameters.filter(it => values[it.name] === undefined && it.default === undefined)
  if (missing.length > 0) {
    throw new WeftError(
      'usage',
      problem(
        meshProblems,
        'scaffold.missing-value',
        `template ${name} asks for ${missing.map(it => it.name).join(', ')}`,
        { expected: missing.map(it => `--set ${it.name}=...`).join(' ') },
      ),
    )
  }
  const all = { ...Object.fromEntries(template.parameters.map(it => [it.name, String(it.default ?? '')])), ...values }
  const domain = all.domain ?? ''
  const product = all.product ?? ''
  for (const it of [domain, product]) refuseName(it)
  if (productNamed(site, domain, product) !== undefined) throw exists([`product ${domain}.${product}`])
  return [...domainWhereNew(site, domain), ...fillTemplate(template, productFolder(site, domain, product), all)]
}
