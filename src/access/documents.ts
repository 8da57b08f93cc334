/** An access agreement between two products, by the field names of the Bitol draft RFC-0056. */
import { z } from 'zod'
import { customPropertiesWith, instant } from '../domain/index.ts'

const text = z.string().optional()

export const agreementDocument = z.strictObject({
  apiVersion: z.string().describe('Version of the draft, or weft/v1.'),
  kind: z.literal('AccessAgreement'),
  id: z.string().describe('Id of the agreement.'),
  name: text,
  version: text,
  status: z
    .enum(['requested', 'approved', 'rejected', 'active', 'expired', 'cancelled', 'terminated', 'draft'])
    .optional()
    .describe('Where it stands.'),
  description: z.strictObject({ purpose: text, usage: text, limitations: text }).optional(),
  startTimestamp: instant.optional(),
  endTimestamp: instant.optional(),
  nextReassessmentTimestamp: instant.optional(),
  provider: z.strictObject({
    teamId: text,
    dataProductId: z.string().describe('The product that is read.'),
    outputPortId: text,
    dataContractId: text,
    dataContractVersion: text,
  }),
  consumer: z.strictObject({
    teamId: text,
    userId: text,
    dataProductId: text.describe('The product that reads.'),
  }),
  roles: z
    .array(z.strictObject({ role: z.string(), access: text, description: text }))
    .optional()
    .describe('Roles of the contract that the reader holds.'),
  terms: z.record(z.string(), z.unknown()).optional(),
  tags: z.array(z.string()).optional(),
  customProperties: customPropertiesWith(z.string()).optional(),
})

export type AgreementDocument = z.output<typeof agreementDocument>
