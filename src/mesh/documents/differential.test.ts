import { Ajv2019, type ValidateFunction } from 'ajv/dist/2019.js'
import { describe, expect, test } from 'vitest'
import { type Mutation, mutate, poolOf, randomOf } from '../../../test/support/mutations.ts'
import { hasStandards, standardFiles, standardSchema, titled } from '../../../test/support/standards.ts'
import { type DocumentKind, findingsOf } from './index.ts'

interface Difference {
  readonly reason: string
  /** Whether a document on which the two disagree is one of this kind. */
  readonly covers: (body: unknown) => boolean
  /** A document on which they disagree for this reason alone. */
  readonly example: unknown
}

interface Standard {
  readonly kind: DocumentKind
  readonly schema: string
  readonly examples: readonly string[]
  readonly mutations: number
  readonly differences: readonly Difference[]
}

const has = (body: unknown, key: string, value: RegExp): boolean =>
  typeof body === 'object' &&
  body !== null &&
  value.test(String(new Map<string, unknown>(Object.entries(body)).get(key)))

const standards: readonly Standard[] = [
  {
    kind: 'DataContract',
    schema: 'odcs/odcs-json-schema-v3.2.0.json',
    examples: ['odcs/examples', 'odcs/must-be-rejected'],
    mutations: 2500,
    differences: [
      {
        reason: 'the schema names versions 2.x, whose documents have other keys and do not validate against it anyway',
        covers: body => has(body, 'apiVersion', /^v2\./),
        example: { apiVersion: 'v2.2.2', kind: 'DataContract', id: 'a', version: '1.0.0', status: 'active' },
      },
    ],
  },
  {
    kind: 'DataProduct',
    schema: 'odps/odps-json-schema-v1.1.0.json',
    examples: ['odps/examples'],
    mutations: 1000,
    differences: [],
  },
]

/** Formats are off: the standards' own examples do not keep them. */
const officialVerdict = (schema: string): ValidateFunction =>
  new Ajv2019({ strict: false, validateFormats: false }).compile(standardSchema(schema))

describe.skipIf(!hasStandards)(titled('the verdict is that of the official schema'), () => {
  for (const { kind, schema, examples, mutations, differences } of standards) {
    const accepts = hasStandards ? officialVerdict(schema) : () => true
    const bodies = examples.flatMap(standardFiles).map(it => it.body)

    test(`on ${mutations} documents with a mistake each, ${kind}`, { timeout: 300_000 }, () => {
      const random = randomOf(20_261_125)
      const pool = poolOf(bodies)
      const disagreements: (Omit<Mutation, 'body'> & { official: string; ours: string })[] = []
      let refused = 0
      for (let count = 0; count < mutations; count++) {
        const mutation = mutate(bodies[random(bodies.length)], random, pool)
        const isAccepted = accepts(mutation.body)
        const { findings } = findingsOf(kind, mutation.body)
        if (!isAccepted) refused++
        if (isAccepted === (findings.length === 0) || differences.some(it => it.covers(mutation.body))) continue
        const ours = findings[0]?.message ?? 'accepted'
        disagreements.push({
          kind: mutation.kind,
          path: mutation.path,
          official: isAccepted ? 'accepted' : 'refused',
          ours,
        })
      }
      expect(disagreements).toEqual([])
      // Else the mutations would show nothing.
      expect(refused).toBeGreaterThan(mutations / 4)
      expect(refused).toBeLessThan(mutations * 0.9)
    })

    for (const { reason, example } of differences) {
      test(`differently, and still so: ${reason}`, () => {
        expect(accepts(example)).not.toBe(findingsOf(kind, example).findings.length === 0)
      })
    }
  }
})

describe.skipIf(!hasStandards)(titled('one mistake is told once'), () => {
  const once = new Set(['rename key', 'unknown key', 'wrong word', 'drop key'])

  test('in documents that were right before', { timeout: 300_000 }, () => {
    const bodies = standardFiles('odcs/examples').map(it => it.body)
    const random = randomOf(7)
    const pool = poolOf(bodies)
    const told: (readonly [string, string, readonly string[]])[] = []
    for (let count = 0; count < 1500; count++) {
      const { kind, path, body } = mutate(bodies[random(bodies.length)], random, pool)
      const { findings } = findingsOf('DataContract', body)
      if (once.has(kind) && findings.length > 1) told.push([kind, path, findings.map(it => it.message)])
    }
    expect(told).toEqual([])
  })
})
