/** Operations of this slice: mesh.describe. */
import { z } from 'zod'
import { type Effects, type OperationContext, operation } from '../base/index.ts'
import type { Mesh } from '../domain/index.ts'
import type { Store } from '../store/index.ts'
import { describeThing, productOfThing } from './describe.ts'
import type { Reads } from './flows.ts'
import { nothingObserved, observe } from './observed.ts'
import { meaningOf } from './resolve.ts'
import type { Thing } from './thing.ts'

export interface CatalogParts {
  readonly effects: Effects
  /** The mesh with what other roots have, and what its models read. */
  check(): Promise<{ readonly mesh: Mesh; readonly reads: Reads }>
  /** The catalogue as it is, where there is one yet; nothing is swept and no file is read. */
  readonly catalogueAsIs: () => Promise<{ readonly store: Store; readonly env: string } | undefined>
}

export const describeOperation = operation({
  name: 'mesh.describe',
  effect: 'read',
  permission: 'mesh.read',
  summary:
    'Tells of one thing what it is, whether it is good now, how to have it, who answers, where it comes from and goes.',
  input: z.object({
    thing: z.string().min(1).describe('A subject, a short form of it, a name in SQL, or an id of a standard.'),
  }),
  async run({ parts }: OperationContext<CatalogParts>, input): Promise<{ thing: Thing }> {
    const { mesh, reads } = await parts.check()
    const meaning = meaningOf(mesh, input.thing.trim())
    const product = productOfThing(mesh, meaning)
    const catalogue = product === undefined ? undefined : await parts.catalogueAsIs()
    const observed =
      product === undefined || catalogue === undefined
        ? nothingObserved
        : await observe(
            catalogue.store.db,
            catalogue.env,
            product.subject,
            product.outputs.map(it => it.subject),
            parts.effects.now(),
          )
    return { thing: describeThing({ mesh, reads, observed }, meaning) }
  },
})
