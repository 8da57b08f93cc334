/** What is served, held and last ran, product by product. */
import { type PortReader, standingTombstones } from '../access/index.ts'
import type { Problem } from '../base/index.ts'
import { type Mesh, type PortLife, portLife } from '../domain/index.ts'
import { activeHolds, lastRuns, type RunParts, servedPublications } from '../pipelines/index.ts'
import { loadApplied } from './applied-store.ts'
import type { CheckedMesh } from './check.ts'
import { appliedLife } from './deprecations.ts'
import type { AppliedEntity } from './diff.ts'
import { type ReadersOfPorts, readersOfPorts } from './port-readers.ts'

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
  /** Each major with where it stands and who reads it. */
  readonly ports: readonly PortStatus[]
  readonly held?: { readonly reason: string; readonly by: string; readonly since: string }
  readonly lastRun?: { readonly id: string; readonly state: string; readonly endedAt: string | null }
}

export interface PortStatus {
  readonly port: string
  readonly version: string
  readonly life: PortLife
  /** By what is applied, and by what was read within the notice period. */
  readonly readers: readonly PortReader[]
}

/** What is left of a port that was retired. */
export interface RetiredStatus {
  readonly port: string
  readonly at: string
  readonly by: string
  readonly successor?: string
  readonly reason?: string
  /** Until then it can be brought back with what it served. */
  readonly keptUntil: string
}

export interface Status {
  readonly environment: string
  /** Errors of the files: what is served does not follow from them. */
  readonly problems: readonly Problem[]
  readonly domains: readonly { readonly domain: string; readonly name: string; readonly products: number }[]
  readonly products: readonly ProductStatus[]
  readonly retired: readonly RetiredStatus[]
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
  const applied = await loadApplied(db, parts.env)
  const readers = await readersOfPorts(parts, mesh, [...applied.values()])
  const today = parts.effects.now().toISOString().slice(0, 10)
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
      ports: product.outputs.map(port => ({
        port: port.subject,
        version: port.version,
        life: portLife(mesh, product, port, today),
        readers: readers.get(port.subject) ?? [],
      })),
      ...(hold === undefined ? {} : { held: { reason: hold.reason, by: hold.by, since: hold.since.toISOString() } }),
      ...(last === undefined ? {} : { lastRun: last }),
    })
  }
  products.push(...onlyApplied(mesh, applied, served, readers, today))
  return {
    environment: parts.env,
    problems,
    domains: [...mesh.domains.values()].map(domain => ({
      domain: domain.subject,
      name: domain.name,
      products: products.filter(it => it.product.startsWith(`${domain.subject}.`)).length,
    })),
    products,
    retired: await retiredPorts(parts),
  }
}

const retiredPorts = async (parts: RunParts): Promise<RetiredStatus[]> =>
  (await standingTombstones(parts.store.db, parts.env)).map(({ at, ...rest }) => ({
    ...rest,
    at: at.toISOString(),
    keptUntil: new Date(at.getTime() + parts.limits.retiredKeptMs).toISOString(),
  }))

/** Products that were applied and that the files do not have, or not readably: they are served all the same. */
const onlyApplied = (
  mesh: Mesh,
  applied: ReadonlyMap<string, AppliedEntity>,
  served: Awaited<ReturnType<typeof servedPublications>>,
  readers: ReadersOfPorts,
  today: string,
): ProductStatus[] =>
  [...applied.values()]
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
        ports: [...applied.values()].flatMap(port => {
          const life = port.parent === it.subject ? appliedLife(mesh, applied, port.subject, today) : undefined
          if (port.kind !== 'outputPort' || life === undefined) return []
          const { version } = port.body as { version: string } // as above
          return [{ port: port.subject, version, life, readers: readers.get(port.subject) ?? [] }]
        }),
      }
    })
