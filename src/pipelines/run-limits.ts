/** The limits of one run: the closest that is set wins (pipeline, domain, mesh, default). Pure. */
import { availableParallelism } from 'node:os'
import type { ResolvedInputs } from '../access/index.ts'
import type { Mesh, Product } from '../domain/index.ts'
import type { RunParts } from './parts.ts'

export interface RunLimits {
  /** Bytes. */
  readonly memory: number
  readonly timeMs: number
}

export const runLimits = (parts: Pick<RunParts, 'limits'>, mesh: Mesh, product: Product): RunLimits => {
  const domain = mesh.domains.get(product.domain)?.limits ?? {}
  const memory = typeof domain.memory === 'number' ? domain.memory : undefined
  const time = typeof domain.runTime === 'number' ? domain.runTime : undefined
  return {
    memory: product.limits.memory ?? memory ?? parts.limits.runMemory,
    timeMs: product.limits.runTimeMs ?? time ?? parts.limits.runTimeMs,
  }
}

/** Threads of the engine; 0: as many as it takes by itself. Input whose size nobody knows, such as a database's, gets all. */
export const runThreads = ({ limits }: Pick<RunParts, 'limits'>, { ports, sources }: ResolvedInputs): number => {
  if (limits.runThreads > 0) return limits.runThreads
  const sizes = [
    ...ports.flatMap(port => port.datasets.map(it => it.manifest.bytes)),
    ...sources.flatMap(source => source.files.map(it => (it.bytes > 0 ? it.bytes : Number.POSITIVE_INFINITY))),
  ]
  const wanted = Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, limits.runThreadBytes))
  return wanted < availableParallelism() ? Math.max(1, wanted) : 0
}
