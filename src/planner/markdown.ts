/** A plan as a comment for a pull request: for the owner of a domain, who needs to know whom it touches and nothing of Weft. Pure. */
import type { Problem } from '../base/index.ts'
import type { Use } from '../lineage/index.ts'
import { explainStep } from './explain.ts'
import type { Change, Consequence, EntityKind, Plan } from './plan.ts'

/** Rows of a table; what is beyond is counted. */
const rowsMax = 40

/** `warnings` that were told with the plan: those of a branch are for reviewers. */
export const planMarkdown = (plan: Plan, warnings: readonly Problem[] = []): string => {
  const meanwhile = warnings.filter(it => it.code === 'plan.product-changed-there')
  const sections = [
    `## ${headline(plan)}`,
    ...(plan.blocked.length === 0 ? [] : [blockedSection(plan.blocked)]),
    ...(meanwhile.length === 0 ? [] : [meanwhileSection(meanwhile)]),
    ...(plan.changes.length === 0 ? [] : [changesSection(plan.changes)]),
    ...(plan.consequences.length === 0 ? [] : [touchedSection(plan)]),
    ...(plan.steps.length === 0 ? [] : [stepsSection(plan)]),
    `<sub>Weft plan \`${plan.id}\` against \`${plan.branch?.ref ?? plan.environment}\`</sub>`,
  ]
  return `${sections.join('\n\n')}\n`
}

const headline = (plan: Plan): string => {
  if (plan.changes.length === 0 && plan.steps.length === 0) return 'Nothing changes'
  const others = consumersOf(plan.consequences)
  const breaking = plan.changes.filter(it => it.class === 'breaking')
  if (breaking.length === 0) {
    if (others.length > 0) return `This changes what ${several(others.length, 'reader gets', 'readers get')}`
    return plan.changes.some(it => it.class !== 'metadata') ? 'This touches nobody else' : 'This changes words only'
  }
  const broken = consumersOf(plan.consequences.filter(it => breaking.some(one => isOf(it, one))))
  return broken.length === 0
    ? 'This breaks what nobody reads yet'
    : `This breaks ${several(broken.length, 'reader', 'readers')}`
}

const consumersOf = (consequences: readonly Consequence[]): string[] => [
  ...new Set(consequences.map(it => `${it.consumer.kind} ${it.consumer.name}`)),
]

const isOf = ({ subject }: Consequence, change: Change): boolean =>
  subject === change.subject || subject.startsWith(`${change.subject}.`)

const several = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

const blockedSection = (blocked: readonly Problem[]): string =>
  [
    '### It cannot be applied yet',
    '',
    ...blocked.map(it => `- ${text(it.message)}${it.help === undefined ? '' : `. What to do: ${text(it.help)}`}`),
  ].join('\n')

const meanwhileSection = (warnings: readonly Problem[]): string =>
  [
    '### What the other branch has changed since',
    '',
    ...warnings.map(it => `- ${text(it.message)}${it.found === undefined ? '' : ` (${text(it.found)})`}`),
  ].join('\n')

const titles = [
  ['breaking', 'What breaks for readers'],
  ['additive', 'What is new'],
  ['data', 'What is calculated in another way'],
  ['metadata', 'What is only worded in another way'],
] as const

const changesSection = (changes: readonly Change[]): string =>
  titles
    .flatMap(([kind, title]) => {
      const some = changes.filter(it => it.class === kind)
      if (some.length === 0) return []
      const lines = some.slice(0, rowsMax).map(it => `- ${sentence(it)}${placeOf(it)}`)
      const rest = some.length - lines.length
      return [[`### ${title}`, '', ...lines, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n')]
    })
    .join('\n\n')

const sentence = ({ subject, kind, detail }: Change): string => `${thing(subject, kind)}: ${text(detail)}`

const words: Readonly<Record<EntityKind, string>> = {
  domain: 'domain',
  product: 'data product',
  inputPort: 'input port',
  outputPort: 'output port',
  contract: 'contract of',
  dataset: 'dataset',
  column: 'column',
  model: 'calculation of',
  check: 'check',
  promise: 'promise',
  pipeline: 'schedule of',
  policy: 'policy',
  term: 'term',
  chapter: 'chapter',
  agreement: 'access agreement',
}

/** `sales.shop-orders.orders.v2.order_lines.country`: column `country` of `order_lines` in **sales.shop-orders**, orders v2. */
const thing = (subject: string, kind: EntityKind): string => {
  const [path, part] = partsOf(subject)
  const [domain, product, port, major, dataset, ...column] = path.split('.')
  if (major === undefined || !/^v\d+$/.test(major)) return `${words[kind]} **${text(subject)}**`
  const where = `**${text(`${domain}.${product}`)}**, ${text(`${port} ${major}`)}`
  const inside = dataset === undefined ? where : `${code(dataset)} in ${where}`
  if (part !== undefined) return `${words[kind]} ${code(part)} on ${inside}`
  return column.length === 0 ? `${words[kind]} ${inside}` : `${words[kind]} ${code(column.join('.'))} of ${inside}`
}

/** Of a check or a promise: what it is about, and its own name. */
const partsOf = (subject: string): readonly [path: string, part?: string] => {
  const at = subject.indexOf('#')
  return at < 0 ? [subject] : [subject.slice(0, at), subject.slice(at + 1)]
}

const placeOf = ({ file, line }: Change): string =>
  file === undefined ? '' : ` (${code(`${file}${line === undefined ? '' : `:${line}`}`)})`

/** What a consumer does with what changes, in the words of somebody who reads its numbers. */
const doings: Readonly<Record<Use, string>> = {
  copied: 'passes it on as it is',
  renamed: 'passes it on under another name',
  computed: 'calculates with it',
  aggregated: 'adds it up or summarises it',
  filter: 'chooses rows by it',
  join: 'matches rows by it',
  group: 'groups by it',
  sort: 'orders by it',
  whole: 'reads it',
}

const touchedSection = (plan: Plan): string => {
  const byConsumer = new Map<string, Consequence[]>()
  for (const it of plan.consequences) {
    const key = `${it.consumer.kind} ${it.consumer.name} ${it.subject}`
    byConsumer.set(key, [...(byConsumer.get(key) ?? []), it])
  }
  const all = [...byConsumer.values()]
  const rows = all.slice(0, rowsMax).map(row => touchedRow(row, plan))
  const rest = all.length - rows.length
  return [
    '### Whom it touches',
    '',
    '| who | whom to ask | uses | what they do with it |',
    '|---|---|---|---|',
    ...rows,
    ...(rest > 0 ? ['', `And ${rest} more rows; \`weft show ${plan.id} --json\` has all of them.`] : []),
    ...(plan.consequencesCut === true ? ['', 'There are more than a plan names (limit `consequencesMax`).'] : []),
  ].join('\n')
}

const touchedRow = (all: readonly Consequence[], plan: Plan): string => {
  const [first] = all
  if (first === undefined) return ''
  const columns = [...new Set(all.flatMap(it => it.columns))].sort().map(code)
  const kind = plan.changes.find(it => it.subject === first.subject)?.kind ?? 'dataset'
  const [about] = partsOf(first.subject)
  const what =
    kind === 'column' || columns.length === 0
      ? thing(first.subject, kind)
      : `${columns.join(', ')} of ${thing(about, about.split('.').length > 4 ? 'dataset' : 'outputPort')}`
  const hops = Math.min(...all.map(it => it.hops))
  const through = hops > 1 ? `, through ${several(hops - 1, 'dataset', 'datasets')} between` : ''
  const doing = [...new Set(all.map(it => sayDoing(it)))].join(', ')
  const who =
    first.consumer.kind === 'product'
      ? `**${text(first.consumer.name)}**`
      : `${text(first.consumer.name)} (${first.consumer.kind})`
  return `| ${who} | ${text(first.owner)} | ${what} | ${doing}${through} |`
}

const sayDoing = ({ how, via }: Consequence): string => {
  if (via === 'observed') return 'has read it lately'
  if (via === 'declared' && how === 'whole') return 'says that it reads it'
  if (via === 'agreement') return 'has an agreement to read it'
  return doings[how]
}

const stepsSection = (plan: Plan): string => {
  const builds = plan.steps.filter(it => it.kind === 'build').length
  const told =
    builds === 0
      ? several(plan.steps.length, 'step', 'steps')
      : `${several(builds, 'data product is', 'data products are')} built again, ${several(plan.steps.length, 'step', 'steps')} in all`
  return [
    `<details><summary>What happens when it is applied: ${told}</summary>`,
    '',
    ...plan.steps.map(step => `1. ${text(explainStep(step))}`),
    '',
    '</details>',
  ].join('\n')
}

/** Names and details come from files: they may not become markup. */
const text = (value: string): string => value.replaceAll(/\s+/g, ' ').replaceAll(/([<>*_|[\]\\])/g, '\\$1')

/** As it is written, within a table too. */
const code = (value: string): string =>
  `\`${value.replaceAll(/\s+/g, ' ').replaceAll('`', "'").replaceAll('|', '\\|')}\``
