/** What is served, held and last ran, product by product. */
import type { Mesh } from '../domain/index.ts'
import { activeHolds, listRuns, type RunParts, servedPublications } from '../pipelines/index.ts'

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
  readonly domains: readonly { readonly domain: string; readonly name: string; readonly products: number }[]
  readonly products: readonly ProductStatus[]
}

export const meshStatus = async (parts: RunParts, mesh: Mesh): Promise<Status> => {
  const { db } = parts.store
  const served = await servedPublications(db, parts.env)
  const holds = await activeHolds(db, parts.env, parts.effects.now())
  const ids = [...served.values()].flatMap(it => it.datasets.map(dataset => dataset.snapshot))
  const snapshots =
    ids.length === 0 ? [] : await db.selectFrom('snapshot').select(['id', 'rows']).where('id', 'in', ids).execute()
  const rows = new Map(snapshots.map(row => [row.id, row.rows]))
  const products: ProductStatus[] = []
  for (const product of [...mesh.products.values()].sort((a, b) => a.subject.localeCompare(b.subject))) {
    const [last] = await listRuns(db, parts.env, { product: product.subject, limit: 1 })
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
      ...(last === undefined ? {} : { lastRun: { id: last.id, state: last.state, endedAt: last.endedAt } }),
    })
  }
  return {
    environment: parts.env,
    domains: [...mesh.domains.values()].map(domain => ({
      domain: domain.subject,
      name: domain.name,
      products: products.filter(it => it.product.startsWith(`${domain.subject}.`)).length,
    })),
    products,
  }
}
