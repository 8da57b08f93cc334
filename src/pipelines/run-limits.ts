/** The limits of one run: the closest that is set wins (pipeline, domain, mesh, default). Pure. */
import type { Mesh, Product } from '../domain/index.ts'
import type { RunParts } from './parts.ts'

export interface RunLimits {
  /** Bytes. */
  readonly memory: number
  readonly timeMs: number
  readonly threads: number
}

export const runLimits = (parts: Pick<RunParts, 'limits'>, mesh: Mesh, product: Product): RunLimits => {
  const domain = mesh.domains.get(product.domain)?.limits ?? {}
  const memory = typeof domain.memory === 'number' ? domain.memory : undefined
  const time = typeof domain.runTime === 'number' ? domain.runTime : undefined
  return {
    memory: product.limits.memory ?? memory ?? parts.limits.runMemory,
    timeMs: product.limits.runTimeMs ?? time ?? parts.limits.runTimeMs,
    threads: parts.limits.runThreads,
  }
}
