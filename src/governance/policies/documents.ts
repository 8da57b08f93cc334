/** A policy as people write it: its type says which keys a rule has. */
import { z } from 'zod'
import {
  also,
  contractDocument,
  day,
  duration,
  type Finding,
  include,
  keysBy,
  ownHeader,
  productDocument,
  slug,
  textThat,
} from '../../domain/index.ts'
import { checkExpression, parseExpression, type Scope } from './expression.ts'

export const policyTypes = ['standard', 'access', 'columnMask', 'rowFilter', 'retention', 'publication'] as const
export type PolicyType = (typeof policyTypes)[number]

const texts = z.array(z.string()).optional()
const selector = z.strictObject({ tags: texts, classifications: texts, datasets: texts, columns: texts })

const productKeys = [
  ...Object.keys(productDocument.shape),
  'subject',
  'slug',
  'inputs',
  'outputs',
  'owner',
  'consumers',
  'stage',
]
const columnKeys = [
  'name',
  'type',
  ...'id physicalType physicalName description businessName deprecated tags customProperties quality logicalType logicalTypeOptions primaryKey required unique classification examples enum terms semanticType criticalDataElement partitioned authoritativeDefinitions relationships properties'.split(
    ' ',
  ),
]
const portKeys = [
  'name',
  'version',
  'type',
  'contract',
  'contractId',
  'description',
  'tags',
  'deprecated',
  'major',
  'id',
  'customProperties',
]
const datasetKeys = [
  'name',
  'description',
  'tags',
  'columns',
  'properties',
  'quality',
  'classification',
  'dataGranularityDescription',
  'businessName',
  'id',
  'physicalType',
  'customProperties',
  'relationships',
]

/** What a standard's paths may begin with, by what it is on: the thing and all that it is inside of. */
const scopes: Readonly<Record<string, Scope>> = {
  domain: { domain: undefined, mesh: undefined },
  product: { product: productKeys, domain: undefined, mesh: undefined },
  port: {
    port: portKeys,
    contract: Object.keys(contractDocument.shape),
    product: productKeys,
    domain: undefined,
    mesh: undefined,
  },
  dataset: {
    dataset: datasetKeys,
    port: portKeys,
    contract: Object.keys(contractDocument.shape),
    product: productKeys,
    domain: undefined,
    mesh: undefined,
  },
  column: {
    column: columnKeys,
    dataset: datasetKeys,
    port: portKeys,
    contract: Object.keys(contractDocument.shape),
    product: productKeys,
    domain: undefined,
    mesh: undefined,
  },
}

const mistakes = (text: string, scope: Scope | undefined): Finding[] => {
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

/** Filters name columns, which only the mesh knows: names are not checked here. */
const filterExpression = textThat(z.string(), (text, report) => {
  for (const it of mistakes(text, undefined)) report(it)
})

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
const ruleKeys: Readonly<Record<PolicyType, { must: readonly string[]; may: readonly string[] }>> = {
  standard: { must: ['on', 'require'], may: ['severity', 'when', 'message', 'fix'] },
  access: { must: ['effect'], may: ['to', 'on', 'purposes'] },
  columnMask: { must: ['on', 'mask'], may: ['exceptPurposes', 'exceptGroups', 'exceptRoles'] },
  rowFilter: { must: ['on', 'filter'], may: ['lookups', 'exceptPurposes', 'exceptGroups', 'exceptRoles'] },
  retention: { must: ['on'], may: ['keepSnapshots', 'keepRows', 'by'] },
  publication: { must: ['gate'], may: ['of', 'on'] },
}

const ruleShape = z.strictObject({
  id: slug.describe('Id of the rule.'),
  name: z.string().optional(),
  description: z.string().optional(),
  on: z
    .union([z.enum(['domain', 'product', 'port', 'dataset', 'column']), z.array(event), selector])
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
  filter: filterExpression.optional().describe('An expression over columns and principal.<attribute>.'),
  lookups: z.record(z.string(), z.string()).optional().describe('Datasets that the filter looks into, by name.'),
  keepSnapshots: z.union([duration, z.int().min(1)]).optional(),
  keepRows: duration.optional(),
  by: z.string().optional().describe('The column that tells the age of a row.'),
  gate: z.enum(['approval', 'fourEyes', 'checksGreen']).optional(),
  of: z.strictObject({ groups: texts, chapters: texts, roles: texts }).optional().describe('Who decides.'),
})

const ruleOf = (type: PolicyType) => {
  const { must, may } = ruleKeys[type]
  const keyed = keysBy(ruleShape, () => ({
    of: `a rule of a policy of type ${type}`,
    allowed: [...common, ...must, ...may],
    required: must,
  }))
  return also(keyed, (value, report) => {
    if (type !== 'standard') return
    const scope = typeof value.on === 'string' ? scopes[value.on] : undefined
    for (const key of ['when', 'require'] as const) {
      const text = value[key]
      if (typeof text === 'string') for (const it of mistakes(text, scope)) report({ ...it, path: [key] })
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
/** The schema of a rule, for the reference. */
export const policyRule = ruleShape
