/** A data product as people write it: ODPS (Bitol) v1.1.0 and v1.0.0 (https://bitol.io), its own JSON Schema being the measure. */
import { z } from 'zod'
import { customPropertiesWith } from '../documents.ts'
import { productVersions } from './product-versions.ts'

export { lenientProduct } from './product-lenient.ts'
export { productVersions } from './product-versions.ts'

const text = z.string().optional()
const tags = z.array(z.string()).optional()
const customProperties = customPropertiesWith(z.string()).optional()

const authoritativeDefinitions = z
  .array(z.strictObject({ id: text, type: z.string(), url: z.string(), description: text }))
  .optional()

const annotations = { tags, customProperties, authoritativeDefinitions }

const synonyms = z
  .array(
    z.strictObject({
      id: text,
      synonym: z.string(),
      description: text,
      locale: text,
      source: text,
      status: text,
      customProperties,
    }),
  )
  .optional()

const context = z
  .strictObject({
    instructions: text,
    verifiedStatements: z
      .array(z.strictObject({ id: text, question: z.string(), answer: text, ...annotations }))
      .optional(),
    constraints: z.array(z.strictObject({ id: text, constraint: z.string(), ...annotations })).optional(),
  })
  .optional()

const inputPort = z.strictObject({
  id: text,
  name: z.string().describe('Name of the input; its datasets are <name>.<dataset> in models.'),
  version: text.describe('Version of the contract that it reads; the first number counts.'),
  contractId: text.describe('Id of the contract that it reads.'),
  deprecated: z.boolean().optional(),
  ...annotations,
})

const outputPort = z.strictObject({
  id: text,
  name: z.string().describe('Name of the port; with the major of its version it is what readers name.'),
  version: text.describe('Version of the port, equal to that of its contract.'),
  contractId: text.describe('Id of the contract that it keeps.'),
  description: text,
  type: text.describe('tables, dashboard, model, api or application.'),
  deprecated: z.boolean().optional(),
  sbom: z.array(z.strictObject({ id: text, type: text, url: text, ...annotations })).optional(),
  inputContracts: z
    .array(z.strictObject({ id: z.string(), version: z.string() }))
    .optional()
    .describe('Contracts of the inputs that this port is made from.'),
  synonyms,
  context,
  ...annotations,
})

const managementPort = z.strictObject({
  id: text,
  name: z.string(),
  content: z.string().describe('discoverability, observability, control or dictionary.'),
  type: text.describe('rest or topic.'),
  url: text,
  channel: text,
  description: text,
  deprecated: z.boolean().optional(),
  ...annotations,
})

const support = z.strictObject({
  id: text,
  channel: z.string(),
  url: z.string(),
  description: text,
  tool: text.describe('email, slack, teams, discord, ticket or other.'),
  scope: text.describe('interactive, announcements or issues.'),
  invitationUrl: text,
  ...annotations,
})

const teamMember = z.strictObject({
  id: text,
  username: z.string(),
  name: text,
  description: text,
  role: text,
  dateIn: text,
  dateOut: text,
  replacedByUsername: text,
  ...annotations,
})

export const productDocument = z.strictObject({
  apiVersion: z.enum(productVersions).describe('Version of the standard.'),
  kind: z.literal('DataProduct'),
  id: z.string().describe('Id of the product, which is an alias of <domain>.<slug>.'),
  name: text.describe('Name for people; the slug is made from it unless set by a custom property.'),
  version: text.describe('Version of the product, a label.'),
  status: text.describe('proposed, draft, active, deprecated or retired.'),
  type: text.describe('sourceAligned, aggregate or consumerAligned.'),
  domain: text.describe('Domain that owns it.'),
  tenant: text,
  deprecated: z.boolean().optional(),
  description: z
    .strictObject({ purpose: text, limitations: text, usage: text, authoritativeDefinitions, customProperties })
    .optional(),
  inputPorts: z.array(inputPort).optional().describe('What it reads.'),
  outputPorts: z.array(outputPort).optional().describe('What others can read.'),
  managementPorts: z.array(managementPort).optional(),
  support: z.array(support).optional().describe('Where readers can ask.'),
  team: z
    .strictObject({
      name: text.describe('Name of the team, whose members are in domain.yaml.'),
      description: text,
      members: z.array(teamMember).optional(),
      ...annotations,
    })
    .optional(),
  synonyms,
  context,
  productCreatedTs: text,
  ...annotations,
})

export type ProductDocument = z.output<typeof productDocument>
export type InputPortDocument = NonNullable<ProductDocument['inputPorts']>[number]
export type OutputPortDocument = NonNullable<ProductDocument['outputPorts']>[number]
