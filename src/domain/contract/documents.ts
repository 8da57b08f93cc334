/** A data contract as people write it: ODCS v3.2.0, back to v3.0.0 (https://bitol.io), its own JSON Schema being the measure. */
import { z } from 'zod'
import {
  authoritativeDefinitions,
  context,
  contractVersions,
  customProperties,
  role,
  scalar,
  stableId,
  tags,
  team,
} from './contract-parts.ts'
import { dataset } from './contract-schema.ts'
import { server } from './contract-servers.ts'

export { lenientContract } from './contract-lenient.ts'
export { contractVersions } from './contract-parts.ts'
export { type ColumnDocument, type ItemDocument, logicalTypes } from './contract-schema.ts'

const text = z.string().optional()

/** `slaProperties[]`: a promise. */
const slaProperty = z.strictObject({
  id: stableId.optional(),
  property: z.string().describe('What is promised: latency, availability, retention, ...'),
  value: scalar,
  valueExt: scalar.optional(),
  unit: text.describe('min, h, d, mo, y or percent.'),
  element: text.describe('dataset.column that it is measured on.'),
  driver: text.describe('regulatory, analytics or operational.'),
  description: text,
  scheduler: text,
  schedule: text,
  customProperties: customProperties.optional().describe('need, respond and escalation of vendor weft, and others.'),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
})

const support = z.strictObject({
  id: stableId.optional(),
  channel: z.string(),
  url: text,
  description: text,
  tool: text,
  scope: text,
  invitationUrl: text,
  customProperties: customProperties.optional(),
})

export const contractDocument = z.strictObject({
  apiVersion: z.enum(contractVersions).describe('Version of the standard.'),
  kind: z.literal('DataContract'),
  id: z.string().describe('Id of the contract, by which products name it.'),
  version: z.string().describe('Version of the contract, as in 2.1.0; its first number is the major that readers see.'),
  name: text,
  status: text.describe('proposed, draft, active, deprecated or retired.'),
  tenant: text,
  tags: tags.optional(),
  domain: text.describe('Domain that it belongs to.'),
  dataProduct: text.describe('Deprecated by the standard; a product names its contracts.'),
  description: z
    .looseObject({
      usage: text,
      purpose: text,
      limitations: text,
      authoritativeDefinitions: authoritativeDefinitions.optional(),
      customProperties: customProperties.optional(),
    })
    .optional(),
  context: context.optional(),
  servers: z.array(server).optional().describe('Where the data lies; only for sources.'),
  schema: z.array(dataset).optional().describe('Datasets.'),
  support: z.array(support).optional(),
  price: z
    .strictObject({
      id: stableId.optional(),
      priceAmount: z.number().optional(),
      priceCurrency: text,
      priceUnit: text,
    })
    .optional(),
  team: team.optional(),
  roles: z.array(role).optional().describe('Roles that a reader can have.'),
  slaDefaultElement: text,
  slaProperties: z.array(slaProperty).optional().describe('Promises.'),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
  customProperties: customProperties.optional(),
  contractCreatedTs: text,
})

export type ContractDocument = z.output<typeof contractDocument>
export type DatasetDocument = NonNullable<ContractDocument['schema']>[number]
export type QualityDocument = NonNullable<DatasetDocument['quality']>[number]
export type PromiseDocument = NonNullable<ContractDocument['slaProperties']>[number]
export type ServerDocument = NonNullable<ContractDocument['servers']>[number]
