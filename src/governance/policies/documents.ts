/** A policy as people write it: its type says which keys a rule has. */
import { z } from 'zod'
import {
  also,
  day,
  duration,
  type Finding,
  include,
  type Keys,
  keysBy,
  missingKey,
  ownHeader,
  slug,
} from '../../domain/index.ts'
import { parseExpression } from './expression.ts'
import { checkExpression, type Scope } from './expression-check.ts'
import { filterScope, standardScope, standardSubjects } from './names.ts'

export const policyTypes = ['standard', 'access', 'columnMask', 'rowFilter', 'retention', 'publication'] as const
export type PolicyType = (typeof policyTypes)[number]

const texts = z.array(z.string()).optional()
const selector = z.strictObject({ tags: texts, classifications: texts, datasets: texts, columns: texts })

const mistakes = (text: string, scope: Scope): Finding[] => {
  const parsed = parseExpression(text)
  const found = 'mistake' in parsed ? [parsed.mistake] : checkExpression(parsed.expression, scope)
  return found.map(it => ({
    code: 'document.wrong-expression' as const,
    message: it.message,
    found: text.slice(it.from, it.to),
    span: { from: it.from, to: it.to },
    ...(it.help === undefined ? {} : { help: it.help }),
  }))
}

const event = z.enum([
  'port.added',
  'port.removed',
  'port.breaking',
  'port.deprecated',
  'product.added',
  'product.removed',
  'policy.changed',
  'contract.changed',
])

const common = ['id', 'description', 'name']

/** The keys of each type's rules beside the common ones: those they must have, those they may have. */
export const ruleKeys: Readonly<Record<PolicyType, { must: readonly string[]; may: readonly string[] }>> = {
  standard: { must: ['on', 'require'], may: ['severity', 'when', 'message', 'fix'] },
  access: { must: ['effect'], may: ['to', 'on', 'purposes'] },
  columnMask: { must: ['on', 'mask'], may: ['exceptPurposes', 'exceptGroups', 'exceptRoles'] },
  rowFilter: { must: ['on', 'filter'], may: ['lookups', 'exceptPurposes', 'exceptGroups', 'exceptRoles'] },
  retention: { must: ['on'], may: ['keepSnapshots', 'keepRows', 'by'] },
  publication: { must: ['gate'], may: ['of', 'on'] },
}

const subject = z.enum(standardSubjects)

const ruleShape = z.strictObject({
  id: slug.describe('Id of the rule.'),
  name: z.string().optional(),
  description: z.string().optional(),
  on: z
    .union([subject, z.array(event), selector])
    .optional()
    .describe('What it is about: a kind of thing, events, or a selection.'),
  severity: z.enum(['error', 'warning', 'info']).optional(),
  when: z.string().optional().describe('An expression; the rule holds where it is true.'),
  require: z.string().optional().describe('An expression that must be true.'),
  message: z.string().optional(),
  fix: z.unknown().optional().describe('A value to set, where that is mechanical.'),
  effect: z.enum(['allow', 'deny']).optional(),
  to: z
    .strictObject({
      principals: texts,
      groups: texts,
      roles: texts,
      products: texts,
      members: z.literal('same-domain').optional(),
    })
    .optional()
    .describe('For whom.'),
  purposes: texts,
  mask: z
    .strictObject({
      kind: z.enum(['partial', 'pseudonym', 'generalise', 'constant', 'null', 'drop']),
      options: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  exceptPurposes: texts,
  exceptGroups: texts,
  exceptRoles: texts,
  filter: z.string().optional().describe('An expression over columns and principal.<attribute>.'),
  lookups: z.record(z.string(), z.string()).optional().describe('Datasets that the filter looks into, by name.'),
  keepSnapshots: z.union([duration, z.int().min(1)]).optional(),
  keepRows: duration.optional(),
  by: z.string().optional().describe('The column that tells the age of a row.'),
  gate: z.enum(['approval', 'fourEyes', 'checksGreen']).optional(),
  of: z.strictObject({ groups: texts, chapters: texts, roles: texts }).optional().describe('Who decides.'),
})

/** What a rule is about, by the type of its policy. */
const onOfType: Readonly<Record<PolicyType, z.ZodType>> = {
  standard: subject.describe('What it is about.'),
  access: selector.optional(),
  columnMask: selector,
  rowFilter: selector,
  retention: selector,
  publication: z.array(event).optional().describe('Events that it waits for.'),
}

const ruleOf = (type: PolicyType): z.ZodType => {
  const { must, may } = ruleKeys[type]
  const of = `a rule of a policy of type ${type}`
  // `on` is asked for by the list of keys, so that its absence is told once.
  const shape = ruleShape.extend({ on: onOfType[type].optional() })
  const keyed = keysBy(shape, (): Keys => ({ of, allowed: [...common, ...must, ...may], required: must }))
  return also(keyed, (value, report) => {
    const { on, lookups } = value
    if (type === 'standard') {
      const known = standardSubjects.find(it => it === on)
      for (const key of known === undefined ? [] : (['when', 'require'] as const)) {
        const text = value[key]
        if (typeof text === 'string' && known !== undefined)
          for (const it of mistakes(text, standardScope(known))) report({ ...it, path: [key] })
      }
    }
    if (type === 'rowFilter' && typeof value.filter === 'string') {
      const names = typeof lookups === 'object' && lookups !== null ? Object.keys(lookups) : []
      for (const it of mistakes(value.filter, filterScope(names))) report({ ...it, path: ['filter'] })
    }
    if (type === 'retention') {
      if (value.keepSnapshots === undefined && value.keepRows === undefined)
        report({ ...missingKey('keepSnapshots', of), oneOf: ['keepSnapshots', 'keepRows'] })
      if (value.keepRows !== undefined && value.by === undefined) report(missingKey('by', `${of} with keepRows`))
    }
  })
}

const rules = Object.fromEntries(policyTypes.map(type => [type, ruleOf(type)]))

const shape = z.strictObject({
  ...ownHeader,
  kind: z.literal('Policy'),
  id: slug.describe('Id of the policy.'),
  type: z.enum(policyTypes).describe('What kind of policy it is.'),
  mode: z
    .enum(['off', 'observe', 'warn', 'enforce'])
    .optional()
    .describe('What happens where it does not hold (warn).'),
  enforceOn: day.optional().describe('The day from which it is enforced.'),
  appliesTo: z
    .strictObject({
      domains: texts,
      products: texts,
      types: texts,
      stages: texts,
      status: texts,
      jurisdictions: texts,
      tags: texts,
      classifications: texts,
    })
    .optional()
    .describe('What it applies to; everything where absent.'),
  rules: z.array(z.looseObject({})).min(1).describe('The rules; their keys depend on the type.'),
  tests: z
    .array(z.strictObject({ given: z.record(z.string(), z.unknown()), sees: z.unknown() }))
    .optional()
    .describe('Examples that must hold.'),
})

export const policyDocument = also(shape, (value, _report, payload) => {
  const type = policyTypes.find(it => it === value.type)
  const rule = type === undefined ? undefined : rules[type]
  if (rule === undefined || !Array.isArray(value.rules)) return
  for (const [index, one] of value.rules.entries()) include(payload, rule, one, ['rules', index])
})

export type PolicyDocument = z.output<typeof shape>
/** All keys that rules of any type can have, for editors and the reference. */
export const policyRule = ruleShape
