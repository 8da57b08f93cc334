/** What a run reads, as the fingerprints that its build key is made from. Pure. */
import type { ResolvedInputs } from '../access/index.ts'
import type { Product } from '../domain/index.ts'
import { type InputFingerprint, portFingerprint, sourceFingerprint } from './build-key.ts'

/** By the names of the input ports, computed as plans do: a plan and its run agree on what is unchanged. */
export const fingerprintsOf = (product: Product, inputs: ResolvedInputs): InputFingerprint[] => [
  ...inputs.ports.map(it => ({ input: nameOf(product, it.input), fingerprint: portFingerprint(it.datasets) })),
  ...inputs.sources.map(it => ({ input: nameOf(product, it.input), fingerprint: sourceFingerprint(it.files) })),
]

const nameOf = (product: Product, input: string): string =>
  product.inputs.find(it => it.subject === input)?.name ?? input
