/** Operations of this slice: mesh.find, mesh.describe. */
import { z } from 'zod'
import { type Effects, type Limits, type OperationContext, operation, WeftError } from '../base/index.ts'
import type { Mesh } from '../domain/index.ts'
import type { Store } from '../store/index.ts'
import { describeThing, productOfThing } from './describe.ts'
import { type Found, findThings } from './find.ts'
import type { Reads } from './flows.ts'
import { nothingObserved, observe } from './observed.ts'
import { isNarrowed, questionOf } from './question.ts'
import { type Meaning, meaningOf } from './resolve.ts'
import { retiredError } from './retired.ts'
import { ensureIndex, hasEntries } from './search-store.ts'
import type { Thing } from './thing.ts'

export interface CatalogParts {
  readonly effects: Effects
  /** The mesh with what other roots have, and what its models read. */
  check(): Promise<{ readonly mesh: Mesh; readonly reads: Reads }>
  /** The catalogue as it is, where there is one yet; nothing is swept and no file is read. */
  readonly catalogueAsIs: () => Promise<
    { readonly store: Store; readonly env: string; readonly limits: Limits } | undefined
  >
}

const nothingFound: Found = { hits: [], total: 0, isMore: false, read: [], words: [], near: [] }

export const findOperation = operation({
  name: 'mesh.find',
  effect: 'read',
  permission: 'mesh.read',
  summary: 'Finds what is applied by words and operators, the best first.',
  input: z.object({
    words: z
      .string()
      .max(1000)
      .describe(
        'Words, and domain: owner: status: tag: kind: has: col: to narrow; a value with spaces stands in quotes.',
      ),
    kind: z.string().optional().describe('The same as kind: among the words.'),
    limit: z.number().int().min(1).max(100).default(20),
    cursor: z.string().optional().describe('`next` of the page before.'),
  }),
  async run({ parts }: OperationContext<CatalogParts>, input): Promise<Found & { readonly isApplied: boolean }> {
    const question = questionOf(input.words, input.kind)
    const catalogue = await parts.catalogueAsIs()
    if (catalogue === undefined) return { ...nothingFound, isApplied: false }
    const { store, env, limits } = catalogue
    await ensureIndex(store, env)
    const isAsked = question.terms.length > 0 || isNarrowed(question.narrowing)
    const page = {
      limit: input.limit,
      hitsMax: limits.hitsMax,
      ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
    }
    const found = isAsked ? await findThings(store.db, env, question, page) : nothingFound
    return { ...found, isApplied: found.hits.length > 0 || (await hasEntries(store.db, env)) }
  },
})

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
    const meaning = await meaningNow(parts, mesh, input.thing.trim())
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

/** What a word means, or meant: of a port that was retired the owners' last word is told. */
const meaningNow = async (parts: CatalogParts, mesh: Mesh, word: string): Promise<Meaning> => {
  try {
    return meaningOf(mesh, word)
  } catch (error) {
    const isUnknown = error instanceof WeftError && error.code === 'describe.unknown'
    const catalogue = isUnknown ? await parts.catalogueAsIs() : undefined
    throw (catalogue === undefined ? undefined : await retiredError(catalogue.store.db, catalogue.env, word)) ?? error
  }
}
