/** ODCS 3.2.0: the parts that occur in many places of a contract (`$defs` of the standard's JSON Schema). */
import { z } from 'zod'
import { customPropertiesWith, textThat } from '../documents.ts'

/** Newest first. 2.x has other keys and is not read. */
export const contractVersions = ['v3.2.0', 'v3.1.0', 'v3.0.2', 'v3.0.1', 'v3.0.0'] as const

/** `$defs.StableId`. */
export const stableId = textThat(z.string(), (text, report) => {
  if (/^[^\s.#/\\@!%&^]+$/.test(text)) return
  report({
    code: 'document.wrong-value',
    message: `"${text}" is no id of a part of a contract`,
    found: text,
    expected: 'letters, digits, hyphens and underscores; no spaces, dots, slashes or any of # @ ! % & ^',
  })
})

const text = z.string().optional()

export const tags = z.array(z.string())
export const customProperties = customPropertiesWith(stableId)

export const authoritativeDefinitions = z.array(
  z.strictObject({
    id: stableId.optional(),
    url: z.string().describe('Where the definition is: a URL, or weft:term/<id>.'),
    type: z.string().describe('What kind of definition it is: businessDefinition, transformationImplementation, ...'),
    description: text,
  }),
)

export const synonyms = z.array(
  z.strictObject({
    id: stableId.optional(),
    synonym: z.string(),
    description: text,
    locale: text,
    source: text,
    status: text,
    customProperties: customProperties.optional(),
  }),
)

export const role = z.strictObject({
  id: stableId.optional(),
  role: z.string().describe('Name of the role.'),
  description: text,
  access: text.describe('What it allows: read, write, ...'),
  firstLevelApprovers: text,
  secondLevelApprovers: text,
  customProperties: customProperties.optional(),
})

/** Guidance for agents and tools (RFC-0038). */
export const context = z.union([
  z.string(),
  z.strictObject({
    instructions: text,
    verifiedStatements: z
      .array(
        z.strictObject({
          id: text,
          question: z.string(),
          answer: text,
          authoritativeDefinitions: authoritativeDefinitions.optional(),
          tags: tags.optional(),
          customProperties: customProperties.optional(),
        }),
      )
      .optional(),
    constraints: z
      .array(
        z.strictObject({
          id: text,
          constraint: z.string(),
          authoritativeDefinitions: authoritativeDefinitions.optional(),
          tags: tags.optional(),
          customProperties: customProperties.optional(),
        }),
      )
      .optional(),
  }),
])

const teamMember = z.strictObject({
  id: stableId.optional(),
  username: z.string(),
  name: text,
  description: text,
  role: text,
  dateIn: text,
  dateOut: text,
  replacedByUsername: text,
  tags: tags.optional(),
  customProperties: customProperties.optional(),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
})

/** A list of members is the form before 3.1 and still valid. */
export const team = z.union([
  z.strictObject({
    id: stableId.optional(),
    name: text.describe('Name of the team.'),
    description: text,
    members: z.array(teamMember).optional(),
    tags: tags.optional(),
    customProperties: customProperties.optional(),
    authoritativeDefinitions: authoritativeDefinitions.optional(),
  }),
  z.array(teamMember),
])

/** `$defs.AnyNonCollectionType`. */
export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
