/** Which products have to be built, and why. */
import { hashValue } from '../base/index.ts'
import type { Mesh, Product } from '../domain/index.ts'
import {
  buildKeys,
  buildOrder,
  inputFingerprints,
  type RunParts,
  type ServedPort,
  servesKeys,
  upstreamOf,
} from '../pipelines/index.ts'
import type { Change, Step } from './plan.ts'

/** The build steps of a mesh, each product after what it reads. Products that are on hold or whose models do not bind are left out. */
export const planBuilds = async (
  parts: RunParts,
  mesh: Mesh,
  served: ReadonlyMap<string, ServedPort>,
  skip: ReadonlySet<string>,
  changes: readonly Change[],
): Promise<(Step & { kind: 'build' })[]> => {
  const engine = await parts.engine()
  const steps = new Map<string, Step & { kind: 'build' }>()
  for (const subject of buildOrder(mesh, new Set(mesh.products.keys()))) {
    const product = mesh.products.get(subject)
    if (product === undefined || skip.has(subject) || product.models.length === 0) continue
    const ports = product.outputs.filter(port => port.datasets.length > 0)
    const seqs = ports.map(port => [port.subject, served.get(port.subject)?.seq ?? 0])
    const upstream = upstreamOf(mesh, product).filter(it => steps.has(it))
    const inputs = await inputFingerprints(parts, product, served)
    const wanted = buildKeys(product, inputs ?? [], engine, parts.effects.now(), parts.keepRows)
    const isServed = inputs !== undefined && servesKeys(product, served, wanted)
    if (isServed && upstream.length === 0) continue
    const key = `build ${subject} ${hashValue([wanted.whole, seqs, upstream.map(it => steps.get(it)?.key), inputs === undefined]).slice(0, 16)}`
    steps.set(subject, { kind: 'build', subject, key, reason: reasonOf(product, served, upstream, changes, parts) })
  }
  return [...steps.values()]
}

const reasonOf = (
  product: Product,
  served: ReadonlyMap<string, ServedPort>,
  upstream: readonly string[],
  changes: readonly Change[],
  { keepRows }: Pick<RunParts, 'keepRows'>,
): string => {
  if (product.outputs.some(port => port.datasets.length > 0 && !served.has(port.subject)))
    return 'nothing is published yet'
  const own = changes.filter(
    change => change.subject === product.subject || change.subject.startsWith(`${product.subject}.`),
  )
  const kinds = [...new Set(own.filter(change => change.class !== 'metadata').map(change => change.kind))]
  if (kinds.length > 0) return `changed: ${kinds.join(', ')}`
  if (upstream.length > 0) return `reads ${upstream.join(', ')}`
  const input = product.inputs.some(it => it.target.kind === 'source') ? 'the source changed' : 'an input changed'
  // Keys do not tell the one from the other.
  const hasAge = product.outputs.some(port => port.datasets.some(it => keepRows(it.subject).length > 0))
  return hasAge ? `${input}, or rows have grown too old` : input
}
