/** A term: a meaning that domains share. */
import { z } from 'zod'
import { logicalTypes, ownHeader, slug } from '../../domain/index.ts'

export const termDocument = z.strictObject({
  ...ownHeader,
  kind: z.literal('Term'),
  id: slug.describe('Id of the term; columns link to weft:term/<id>.'),
  type: z.enum(logicalTypes).optional().describe('The logicalType of columns that mean it.'),
  format: z.string().optional(),
  unit: z.string().optional().describe('As GBP, kg, min.'),
  keyOf: z.string().optional().describe('Subject of the dataset that has one row for each.'),
  synonyms: z.array(z.string()).optional(),
})

export type TermDocument = z.output<typeof termDocument>
