/** mesh.yaml: what holds for all domains. */
import { z } from 'zod'
import { limits } from '../../base/index.ts'
import { dottedSlug, duration, ownHeader, size, slug } from '../../domain/index.ts'

const connection = z.strictObject({
  type: z.enum(['postgres', 's3', 'trino', 'http']).describe('Kind of the system.'),
  host: z.string().optional(),
  port: z.int().min(1).max(65_535).optional(),
  database: z.string().optional(),
  user: z.string().optional(),
  endpoint: z.string().optional(),
  region: z.string().optional(),
  secret: z.string().optional().describe('Name of the secret; its value is never written here.'),
  domains: z.array(z.string()).optional().describe('Domains that may use it; all where absent.'),
})

const stage = z.strictObject({
  approves: z.array(slug).optional().describe('Groups that approve changes.'),
  neededRoles: z
    .array(z.enum(['owner', 'developer', 'steward']))
    .optional()
    .describe('Roles that the team must have.'),
})

const member = z.string().describe('A username.')

const limitKeys = Object.fromEntries(
  Object.entries(limits).map(([name, it]) => [
    name,
    z
      .union([size, duration, z.int().min(0)])
      .optional()
      .describe(it.what),
  ]),
)

export const meshDocument = z.strictObject({
  ...ownHeader,
  kind: z.literal('Mesh'),
  id: slug.describe('Id of the mesh.'),
  roots: z
    .array(
      z.strictObject({
        id: slug.describe('Id of the root, recorded with everything that it defines.'),
        path: z.string().optional().describe('Its folder, from the folder of this file.'),
        git: z.string().optional().describe('URL of its repository, for people; it is checked out at `path`.'),
        ref: z.string().optional().describe('Branch, tag or commit.'),
      }),
    )
    .optional()
    .describe('Folders that hold definitions; this one where absent.'),
  environments: z
    .record(
      slug,
      z.strictObject({
        variables: z.record(z.string(), z.string()).optional().describe('Values of ${NAME}; always texts.'),
      }),
    )
    .optional(),
  defaultEnvironment: z.string().optional().describe('The one that commands use without --env.'),
  storage: z.string().optional().describe('URL for domains without their own; {domain} stands for the id.'),
  connections: z.record(slug, connection).optional().describe('Other systems, by name.'),
  engines: z
    .record(slug, z.strictObject({ type: z.enum(['duckdb', 'trino']), connection: z.string().optional() }))
    .optional(),
  groups: z
    .array(
      z.strictObject({
        id: slug,
        name: z.string().optional(),
        description: z.string().optional(),
        members: z.array(member).optional(),
      }),
    )
    .optional()
    .describe('People who decide for the whole mesh.'),
  jurisdictions: z
    .array(
      z.strictObject({
        id: slug,
        name: z.string().optional(),
        appliesTo: z
          .strictObject({ domains: z.array(z.string()).optional(), tags: z.array(z.string()).optional() })
          .optional(),
      }),
    )
    .optional(),
  classifications: z
    .array(z.strictObject({ id: dottedSlug, description: z.string().optional() }))
    .optional()
    .describe('How sensitive a column can be; dotted ids are inside one another.'),
  stages: z
    .strictObject({ guided: stage.optional(), trusted: stage.optional(), autonomous: stage.optional() })
    .optional(),
  prices: z
    .strictObject({
      currency: z.string(),
      cpuHour: z.number().min(0).optional(),
      readTerabyte: z.number().min(0).optional(),
      storedGigabyteMonth: z.number().min(0).optional(),
    })
    .optional(),
  limits: z.strictObject(limitKeys).optional().describe('Limits by name, see the reference of limits.'),
})

export type MeshDocument = z.output<typeof meshDocument>
