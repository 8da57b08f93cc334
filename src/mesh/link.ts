/** Documents to the mesh: every link between files followed once. What leads nowhere is a problem; the rest stays usable. */
import { type Problem, problem } from '../base/index.ts'
import {
  type Contract,
  contractOf,
  type Domain,
  type Mesh,
  type Model,
  type OtherDefinition,
  type Product,
} from '../domain/index.ts'
import { type ContractEntry, Contracts, duplicate } from './contracts.ts'
import type { FoundFile } from './discover.ts'
import { impliedProducts, type ProductDraft, productDraft } from './drafts.ts'
import { limitsOf, linkDomains } from './link-domains.ts'
import { linkModels, modelFiles } from './link-models.ts'
import { linkPipelines, type ProductPipeline } from './link-pipelines.ts'
import { linkInputs, linkOutputs } from './link-ports.ts'
import { meshProblems } from './problems.ts'
import type { Project } from './project.ts'
import type { ReadDocument } from './read.ts'

/** What is known of roots that were not given. */
export interface Foreign {
  readonly domains: readonly Domain[]
  readonly products: readonly Product[]
}

export interface Linked {
  readonly mesh: Mesh
  readonly problems: readonly Problem[]
}

export const linkMesh = (
  project: Project,
  documents: readonly ReadDocument[],
  models: readonly FoundFile[],
  foreign: Foreign,
): Linked => {
  const problems: Problem[] = []
  const contracts = new Contracts(documents, foreign.products)
  const drafts = productDrafts(documents, foreign, problems)
  linkOutputs(drafts, contracts)
  const all = [...drafts, ...impliedProducts(documents, contracts, drafts)]
  const domains = linkDomains(documents, all, foreign, problems)
  const pipelines = linkPipelines(documents, all, problems)
  const linkedContracts = new Map<ContractEntry, Contract>()
  const contractFor = (entry: ContractEntry): Contract => {
    const before = linkedContracts.get(entry)
    if (before !== undefined) return before
    const subject = entry.provider?.port ?? entry.document.id
    const contract = contractOf(entry.document, entry.definition, subject, contracts.resolver(entry, subject))
    linkedContracts.set(entry, contract)
    return contract
  }
  const products = new Map<string, Product>(foreign.products.map(product => [product.subject, product]))
  const filesOfModels = modelFiles(models)
  const used = new Set<string>()
  for (const draft of all) {
    const written = draft.outputs.map(port => {
      const { entry, ...rest } = port
      const contract = entry === undefined ? undefined : contractFor(entry)
      const datasets = contract?.datasets ?? []
      return { ...rest, datasets, ...(contract === undefined ? {} : { contract }) }
    })
    // The files of a retired port may stay, to say why it is: it serves nothing.
    const outputs = written.filter(port => port.contract?.status !== 'retired')
    const inputs = linkInputs(draft, contracts, contractFor)
    const ofProduct = linkModels(draft, outputs, filesOfModels, used)
    products.set(draft.subject, productOf(draft, outputs, inputs, ofProduct, pipelines.get(draft.subject)))
  }
  for (const entry of contracts.all()) contractFor(entry)
  problems.push(...contracts.problems, ...unusedModels(models, used))
  const mesh: Mesh = {
    id: project.id,
    name: project.name,
    roots: project.roots,
    environment: project.environment.name,
    storage: project.document?.storage ?? `.weft/${project.environment.name}/storage/{domain}`,
    limits: limitsOf(project.document?.limits),
    connections: project.document?.connections ?? {},
    domains,
    products: new Map([...products].sort(([a], [b]) => (a < b ? -1 : 1))),
    contracts: new Map([...linkedContracts].map(([entry, contract]) => [contractKey(contracts, entry), contract])),
    others: others(documents, problems),
    ...(project.definition === undefined ? {} : { definition: project.definition }),
  }
  return { mesh, problems }
}

const contractKey = (contracts: Contracts, entry: ContractEntry): string =>
  contracts.find(entry.document.id) === entry ? entry.document.id : `${entry.document.id}@${entry.major}`

const productDrafts = (documents: readonly ReadDocument[], foreign: Foreign, problems: Problem[]): ProductDraft[] => {
  const drafts = new Map<string, ProductDraft>()
  const domains = [
    ...documents.flatMap(it => (it.kind === 'Domain' ? [it.document.id] : [])),
    ...foreign.domains.map(it => it.subject),
  ]
  for (const it of documents) {
    if (it.kind !== 'DataProduct') continue
    const draft = productDraft(it.document, it.definition, domains)
    const before = drafts.get(draft.subject)
    if (before === undefined) drafts.set(draft.subject, draft)
    else
      problems.push(duplicate('product', draft.subject, draft.definition.at(['name']), before.definition.at(['name'])))
  }
  return [...drafts.values()]
}

const productOf = (
  draft: ProductDraft,
  outputs: Product['outputs'],
  inputs: Product['inputs'],
  models: readonly Model[],
  pipeline: ProductPipeline | undefined,
): Product => {
  const { document, definition, subject, slug, domain } = draft
  const { name, id, version, status, type, description, tags, team } = document
  return {
    ...definition,
    subject,
    slug,
    domain,
    name: name ?? slug,
    id,
    version: version ?? '',
    status: status ?? 'draft',
    kind: type === 'sourceAligned' || type === 'aggregate' || type === 'consumerAligned' ? type : undefined,
    tags: tags ?? [],
    inputs,
    outputs,
    models,
    datasets: pipeline?.datasetsOf(outputs) ?? {},
    limits: pipeline?.limits ?? {},
    ...(description?.purpose === undefined ? {} : { purpose: description.purpose }),
    ...(team?.name === undefined ? {} : { team: team.name }),
    ...(pipeline?.schedule === undefined ? {} : { schedule: pipeline.schedule }),
  }
}

const unusedModels = (models: readonly FoundFile[], used: ReadonlySet<string>): Problem[] =>
  models
    .filter(model => !used.has(model.file) && /(^|\/)models\//.test(model.file))
    .map(model =>
      problem(meshProblems, 'mesh.unused-file', 'no dataset has the name of this model', {
        place: { file: model.file, line: 1, column: 1 },
        found: model.file.split('/').at(-1),
      }),
    )

const others = (documents: readonly ReadDocument[], problems: Problem[]): OtherDefinition[] => {
  const found = new Map<string, OtherDefinition>()
  for (const it of documents) {
    const kind = otherKinds[it.kind]
    if (kind === undefined || !('id' in it.document)) continue
    const { id = '' } = it.document
    const subject = `${kind}/${id}`
    const before = found.get(subject)
    if (before !== undefined) problems.push(duplicate(kind, id, it.definition.at(['id']), before.at(['id'])))
    else {
      const name = 'name' in it.document && typeof it.document.name === 'string' ? it.document.name : id
      found.set(subject, { ...it.definition, subject, kind, name })
    }
  }
  return [...found.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1))
}

const otherKinds: Readonly<Record<string, OtherDefinition['kind']>> = {
  Term: 'term',
  Chapter: 'chapter',
  Policy: 'policy',
  AccessAgreement: 'agreement',
}
