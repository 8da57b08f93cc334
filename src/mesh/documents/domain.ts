/** domain.yaml: a team and what it answers for. */
import { z } from 'zod'
import { day, duration, ownHeader, size, slug } from '../../domain/index.ts'

export const domainDocument = z.strictObject({
  ...ownHeader,
  kind: z.literal('Domain'),
  id: slug.describe('Id of the domain; flat, also where it is inside another.'),
  parent: z.string().optional().describe('The domain that it is inside of.'),
  scope: z.array(z.string()).optional().describe('Entities that it is about.'),
  stage: z.enum(['guided', 'trusted', 'autonomous']).optional().describe('How much it decides alone (autonomous).'),
  team: z
    .strictObject({
      name: z.string().describe('Name of the team, by which products name it.'),
      description: z.string().optional(),
      members: z
        .array(
          z.strictObject({
            username: z.string(),
            name: z.string().optional(),
            role: z.enum(['owner', 'developer', 'steward']).optional(),
            dateIn: day.optional(),
            dateOut: day.optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  responsibilities: z
    .array(
      z.strictObject({
        id: slug,
        text: z.string(),
        acknowledgedBy: z.string().optional(),
        acknowledgedOn: day.optional(),
      }),
    )
    .optional()
    .describe('What the team has promised to look after.'),
  storage: z
    .string()
    .optional()
    .describe('URL of its storage; relative paths start at the root. Each environment has a folder of its own in it.'),
  engine: z.string().optional().describe('An engine of the mesh.'),
  limits: z
    .strictObject({
      memory: size.optional(),
      runTime: duration.optional(),
      slots: z.int().min(1).optional(),
      bytesStored: size.optional(),
    })
    .optional(),
  jurisdictions: z.array(slug).optional(),
})

export type DomainDocument = z.output<typeof domainDocument>
