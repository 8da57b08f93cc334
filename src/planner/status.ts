/** What is served, held and last ran, product by product. */
import type { Problem } from '../base/index.ts'
import type { Mesh } from '../domain/index.ts'
import { activeHolds, lastRuns, type RunParts, servedPublications } from '../pipelines/index.ts'
import { loadApplied } from './applied-store.ts'
import type { CheckedMesh } from './check.ts'

export interface ProductStatus {
  readonly product: string
  readonly name: string
  readonly version: string
  readonly status: string
  readonly datasets: readonly {
    readonly dataset: string
    readonly snapshot: string | null
    readonly rows: number | null
    readonly publishedAt: string | null
  }[]
  readonly held?: { readonly reason: string; readonly by: string; readonly since: string }
  readonly lastRun?: { readonly id: string; readonly state: string; readonly endedAt: string | null }
}

export interface Status {
  readonly environment: string
  /** Errors of the files: what is served does not follow from them. */
  readonly problems: readonly Problem[]
  readonly domains: readonly { readonly domain: string; readonly name: string; readonly products: number }[]
  readonly products: readonly ProductStatus[]
}

export const meshStatus = async (parts: RunParts, checked: CheckedMesh): Promise<Status> => {
  const { mesh } = checked
  const problems = [...checked.problems, ...checked.bindProblems].filter(it => it.severity === 'error')
  const { db } = parts.store
  const served = await servedPublications(db, parts.env)
  const holds = await activeHolds(db, parts.env, parts.effects.now())
  const ids = [...served.values()].flatMap(it => it.datasets.map(dataset => dataset.snapshot))
  const snapshots =
    ids.length === 0 ? [] : await db.selectFrom('snapshot').select(['id', 'rows']).where('id', 'in', ids).execute()
  const rows = new Map(snapshots.map(row => [row.id, row.rows]))
  const lastRun = await lastRuns(db, parts.env)
  const products: ProductStatus[] = []
  for (const product of [...mesh.products.values()].sort((a, b) => a.subject.localeCompare(b.subject))) {
    const last = lastRun.get(product.subject)
    const hold = [product.subject, ...product.outputs.map(port => port.subject)].flatMap(
      subject => holds.get(subject) ?? [],
    )[0]
    products.push({
      product: product.subject,
      name: product.name,
      version: product.version,
      status: product.status,
      datasets: product.outputs.flatMap(port => {
        const publication = served.get(port.subject)
        return port.datasets.map(dataset => {
          const it = publication?.datasets.find(one => one.dataset === dataset.subject)
          return {
            dataset: dataset.subject,
            snapshot: it?.snapshot ?? null,
            rows: it === undefined ? null : (rows.get(it.snapshot) ?? null),
            publishedAt: publication?.at.toISOString() ?? null,
          }
        })
      }),
      ...(hold === undefined ? {} : { held: { reason: hold.reason, by: hold.by, since: hold.since.toISOString() } }),
      ...(last === undefined ? {} : { lastRun: last }),
    })
  }
  products.push(...(await onlyApplied(parts, mesh, served)))
  return {
    environment: parts.env,
    problems,
    domains: [...mesh.domains.values()].map(domain => ({
      domain: domain.subject,
      name: domain.name,
      products: products.filter(it => it.product.startsWith(`${domain.subject}.`)).length,
    })),
    products,
  }
}

/** Products that were applied and that the files do not have, or not readably: they are served all the same. */
const onlyApplied = async (
  parts: RunParts,
  mesh: Mesh,
  served: Awaited<ReturnType<typeof servedPublications>>,
): Promise<ProductStatus[]> => {
  const applied = await loadApplied(parts.store.db, parts.env)
  return [...applied.values()]
    .filter(it => it.kind === 'product' && !mesh.products.has(it.subject))
    .map(it => {
      const body = it.body as { name?: string; version?: string } // bodies are written by desired.ts only
      const datasets = [...served.values()]
        .filter(one => one.port.startsWith(`${it.subject}.`))
        .flatMap(one =>
          one.datasets.map(({ dataset, snapshot }) => ({
            dataset,
            snapshot,
            rows: null,
            publishedAt: one.at.toISOString(),
          })),
        )
      return {
        product: it.subject,
        name: body.name ?? it.subject,
        version: body.version ?? '',
        status: 'not in the files',
        datasets,
      }
    })
}
