/** What the catalogue knows of roots that were not given: their ports, so that references to them hold. Pure. */
import type { Place } from '../base/index.ts'
import type {
  Column,
  Contract,
  Dataset,
  Definition,
  Domain,
  OutputPort,
  Path,
  PortKind,
  Product,
} from '../domain/index.ts'
import type { ColumnBody } from './desired.ts'
import type { AppliedEntity } from './diff.ts'

export interface Foreign {
  readonly domains: readonly Domain[]
  readonly products: readonly Product[]
}

/** Domains and products of all roots but the given ones, as they were applied; without models, since nobody here builds them. */
export const foreignOf = (applied: ReadonlyMap<string, AppliedEntity>, givenRoots: ReadonlySet<string>): Foreign => {
  const others = [...applied.values()].filter(it => !givenRoots.has(it.root))
  const children = new Map<string, AppliedEntity[]>()
  for (const it of others)
    if (it.parent !== undefined) children.set(it.parent, [...(children.get(it.parent) ?? []), it])
  const of = (parent: string, kind: string): AppliedEntity[] =>
    (children.get(parent) ?? []).filter(it => it.kind === kind)
  return {
    domains: others.filter(it => it.kind === 'domain').map(domainOf),
    products: others
      .filter(it => it.kind === 'product')
      .map(it =>
        productOf(
          it,
          of(it.subject, 'outputPort').map(port =>
            portOf(
              port,
              of(port.subject, 'contract')[0],
              of(port.subject, 'dataset').map(dataset => datasetOf(dataset, of(dataset.subject, 'column'))),
            ),
          ),
        ),
      ),
  }
}

const placeOf = (it: AppliedEntity): Place => ({ file: it.file, line: it.line, column: 1 })

const definitionOf = (it: AppliedEntity): Definition => ({
  subject: it.subject,
  root: it.root,
  file: it.file,
  hash: it.hash,
  body: it.body,
  at: (_path: Path) => placeOf(it),
})

const domainOf = (it: AppliedEntity): Domain => {
  const body = it.body as Partial<Domain> // bodies are written by desired.ts only
  return {
    ...definitionOf(it),
    name: body.name ?? it.subject,
    limits: body.limits ?? {},
    stage: body.stage ?? 'autonomous',
    jurisdictions: body.jurisdictions ?? [],
    implied: false,
    ...(body.parent === undefined ? {} : { parent: body.parent }),
    ...(body.team === undefined ? {} : { team: body.team }),
    ...(body.storage === undefined ? {} : { storage: body.storage }),
  }
}

const productOf = (it: AppliedEntity, outputs: readonly OutputPort[]): Product => {
  const body = it.body as Partial<Product> // as above
  return {
    ...definitionOf(it),
    slug: body.slug ?? it.subject.split('.')[1] ?? it.subject,
    name: body.name ?? it.subject,
    id: it.subject,
    domain: body.domain ?? it.subject.split('.')[0] ?? '',
    version: body.version ?? '',
    status: body.status ?? 'active',
    kind: body.kind,
    tags: body.tags ?? [],
    inputs: [],
    outputs,
    models: [],
    datasets: {},
    limits: {},
    ...(body.team === undefined ? {} : { team: body.team }),
  }
}

const portOf = (it: AppliedEntity, contract: AppliedEntity | undefined, datasets: readonly Dataset[]): OutputPort => {
  const body = it.body as { name: string; version: string; major: number; kind: PortKind } // as above
  return {
    subject: it.subject,
    name: body.name,
    major: body.major,
    version: body.version,
    kind: body.kind,
    datasets,
    place: placeOf(it),
    ...(contract === undefined ? {} : { contract: contractOf(contract, body.major, datasets) }),
  }
}

const contractOf = (it: AppliedEntity, major: number, datasets: readonly Dataset[]): Contract => {
  const body = it.body as { id: string; version: string; status?: string } // as above
  return {
    ...definitionOf(it),
    id: body.id,
    version: body.version,
    major,
    status: body.status ?? 'active',
    datasets,
    servers: [],
  }
}

const datasetOf = (it: AppliedEntity, columns: readonly AppliedEntity[]): Dataset => {
  const body = it.body as { name: string; description?: string } // as above
  return {
    subject: it.subject,
    name: body.name,
    columns: columns.map(columnOf).sort((a, b) => a.position - b.position),
    rules: [],
    place: placeOf(it),
    ...(body.description === undefined ? {} : { description: body.description }),
  }
}

const columnOf = (it: AppliedEntity): Column & { readonly position: number } => {
  const body = it.body as ColumnBody // as above
  const { enum: values, document: _, ...rest } = body
  return {
    ...rest,
    logicalType: '',
    place: placeOf(it),
    // Written by desired.ts only, from a column of the mesh.
    ...(values === undefined ? {} : { enum: values as (string | number | boolean)[] }),
  }
}
