/** A thing for people: the questions that a reader has, in the order in which they come up. */

import { stringify } from 'yaml'
import type {
  ColumnPart,
  DatasetPart,
  DatasetThing,
  Flow,
  Flows,
  OtherThing,
  Owner,
  PortPart,
  ProductThing,
  Promised,
  Served,
  Thing,
} from '../catalog/index.ts'
import { clip, count, instant, printable, several, size, type Terminal, table } from './terminal.ts'

const kindWords: Readonly<Record<Thing['kind'], string>> = {
  domain: 'domain',
  product: 'data product',
  outputPort: 'output port',
  dataset: 'dataset',
  column: 'column',
  inputPort: 'input port',
  term: 'term',
  policy: 'policy',
  chapter: 'chapter',
  agreement: 'access agreement',
}

const typeWords: Readonly<Record<string, string>> = {
  sourceAligned: 'source-aligned',
  aggregate: 'aggregate',
  consumerAligned: 'consumer-aligned',
}

const linesMax = 12

/** Words that stand before each line of a page. */
const labelWidth = 10

export const printThing = (terminal: Terminal, thing: Thing): void => {
  const { print, style } = terminal
  print(`${style(printable(thing.title ?? thing.name), 'bold')}  ${style(headOf(thing), 'dim')}`)
  print(style(thing.subject, 'dim'))
  if (thing.purpose !== undefined) printText(terminal, thing.purpose)
  print()
  const page = new Page(terminal)
  switch (thing.kind) {
    case 'domain':
      if (thing.products.length === 0) page.line('products', 'none yet')
      for (const it of thing.products.slice(0, linesMax))
        page.line('products', `${it.subject} (${it.title}, ${it.status})`)
      if (thing.products.length > linesMax) page.line('products', `and ${thing.products.length - linesMax} more`)
      if (thing.parent !== undefined) page.line('within', thing.parent)
      page.list('holds', thing.children)
      page.list('scope', thing.scope)
      page.line('stage', thing.stage)
      for (const text of thing.responsibilities) page.line('promises', text)
      break
    case 'product':
      productLines(page, thing)
      break
    case 'outputPort':
      page.health(thing.health, thing.port.datasets)
      page.port(thing.port)
      page.flows(thing.flows)
      break
    case 'dataset':
      datasetLines(page, thing)
      break
    case 'column':
      page.line('type', typeLine(thing.column))
      if (thing.column.values !== undefined) page.list('one of', thing.column.values.map(String))
      if (thing.column.classification !== undefined) page.line('is', thing.column.classification)
      page.list(
        'means',
        thing.column.terms.map(it => `term:${it}`),
      )
      page.line('query', `select ${thing.name} from ${thing.sql}`)
      page.list('checks', thing.checks)
      page.flows(thing.flows)
      break
    case 'inputPort':
      page.line(
        'reads',
        thing.reads === 'unknown'
          ? 'nothing that is known'
          : 'port' in thing.reads
            ? thing.reads.port
            : `${thing.reads.source}, a source outside of the mesh: ${thing.reads.datasets.join(', ')}`,
      )
      break
    default:
      otherLines(page, thing)
  }
  if (thing.usage !== undefined) page.line('use', thing.usage)
  if (thing.limitations !== undefined) page.line('mind', thing.limitations)
  page.list('tags', thing.tags)
  if (thing.owner !== undefined) page.owner(thing.owner)
  page.line('written in', `${thing.file}:${thing.line}`)
  for (const it of thing.also) page.line('also', `${kindWords[it.kind]} ${it.subject}`)
}

const headOf = (thing: Thing): string => {
  const kind = kindWords[thing.kind]
  if (thing.kind === 'product')
    return [typeWords[thing.type ?? ''] ?? '', kind, thing.version, thing.status].filter(it => it !== '').join(' ')
  const contract = thing.kind === 'outputPort' ? thing.port.contract : 'contract' in thing ? thing.contract : undefined
  return contract === undefined ? kind : `${kind}, contract ${contract.version} ${contract.status}`
}

const productLines = (page: Page, thing: ProductThing): void => {
  page.health(
    thing.health,
    thing.ports.flatMap(it => it.datasets),
  )
  for (const port of thing.ports) page.port(port, thing.ports.length > 1)
  page.flows(thing.flows)
}

const datasetLines = (page: Page, thing: DatasetThing): void => {
  const { dataset, contract, columns } = thing
  if (dataset.grain !== undefined) page.line('one row', dataset.grain)
  page.health(thing.health, [dataset])
  page.line('query', `select * from ${dataset.sql}`)
  if (contract?.deprecation !== undefined) page.line('leaves', deprecationWords(contract.deprecation))
  page.promises(thing.promises)
  page.flows(thing.flows)
  page.gap()
  page.columns(columns)
  page.gap()
}

const otherLines = (page: Page, thing: OtherThing): void => {
  if (thing.columns.length > 0) page.list('columns', thing.columns)
  // What has lines of its own above or below.
  const {
    apiVersion: _,
    kind: _kind,
    id: _id,
    name: _name,
    description: _description,
    tags: _tags,
    ...rest
  } = thing.document as Record<string, unknown> // a definition's document is a map
  if (Object.keys(rest).length > 0) page.block(stringify(rest).trimEnd().split('\n'))
}

const typeLine = (it: ColumnPart): string =>
  [it.type, it.nullable ? 'may be null' : 'never null', it.unique ? 'unique' : '', it.primaryKey ? 'primary key' : '']
    .filter(one => one !== '')
    .join(', ')

const deprecationWords = (it: { since?: string; until?: string; successor?: string; reason?: string }): string =>
  [
    it.until === undefined ? 'deprecated' : `on ${it.until}`,
    it.successor === undefined ? '' : `use ${it.successor}`,
    it.reason ?? '',
  ]
    .filter(one => one !== '')
    .join('; ')

/** Long texts are broken between words, a little short of the terminal's edge. */
const wrap = (text: string, cells: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text.replaceAll(/\s+/g, ' ').trim()).split(' ')) {
    if (line !== '' && line.length + word.length + 1 > cells) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

const printText = ({ print, width }: Terminal, text: string): void => {
  for (const line of wrap(text, Math.min(width, 100))) print(line)
}

/** Lines with a word before them; the same word is not said twice in a row. */
class Page {
  private readonly terminal: Terminal
  private label = ''

  constructor(terminal: Terminal) {
    this.terminal = terminal
  }

  line(label: string, text: string): void {
    const { print, style, width } = this.terminal
    const cells = Math.max(20, Math.min(width, 110) - labelWidth - 2)
    const lines = wrap(text, cells)
    if (lines.length === 0) lines.push('')
    for (const [index, line] of lines.entries()) {
      const word = index === 0 && label !== this.label ? label : ''
      print(`${style(word.padEnd(labelWidth), 'dim')}  ${line}`.trimEnd())
    }
    this.label = label
  }

  gap(): void {
    this.terminal.print()
    this.label = ''
  }

  list(label: string, all: readonly string[]): void {
    if (all.length === 0) return
    const more = all.length - linesMax
    this.line(label, `${all.slice(0, linesMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`)
  }

  block(lines: readonly string[]): void {
    const { print, width } = this.terminal
    if (this.label !== '') print()
    for (const line of lines) print(clip(`  ${printable(line)}`, width))
    this.gap()
  }

  health(health: ProductThing['health'], datasets: readonly DatasetPart[]): void {
    const { style } = this.terminal
    const served = datasets.flatMap(it => it.served ?? [])
    const colour = health.state === 'served' ? 'green' : health.state === 'described' ? 'dim' : 'yellow'
    const sign = health.state === 'served' ? '●' : health.state === 'described' ? '○' : '▲'
    const what = served.length === 0 ? '' : `, ${servedWords(served)}`
    this.line('now', `${sign} ${style(health.state, colour)}${what}`)
    if (health.held !== undefined)
      this.line('now', `held since ${instant(health.held.since)} by ${health.held.by}: ${health.held.reason}`)
    const last = health.lastRun
    if (last !== undefined && last.state !== 'succeeded' && last.state !== 'unchanged')
      this.line('now', `the last run is ${last.state}: weft runs ${last.id}`)
  }

  port(port: PortPart, isOneOfMany = false): void {
    if (isOneOfMany) {
      this.gap()
      const contract = port.contract === undefined ? 'no contract' : `${port.version} ${port.contract.status}`
      this.line('port', `${port.subject}  ${this.terminal.style(contract, 'dim')}`)
    }
    const { deprecation } = port.contract ?? {}
    if (deprecation !== undefined) this.line('leaves', deprecationWords(deprecation))
    if (port.datasets.length === 0) this.line('type', port.type)
    for (const it of port.datasets) {
      this.line('query', `select * from ${it.sql}`)
      if (it.grain !== undefined) this.line('one row', it.grain)
      else if (it.description !== undefined) this.line('holds', it.description)
      this.line(
        'has',
        `${several(it.columns, 'column')}${it.served === undefined ? '' : `, ${count(it.served.rows)} rows`}`,
      )
    }
    this.promises(port.promises)
  }

  promises(promises: readonly Promised[]): void {
    for (const it of promises)
      this.line(
        'promised',
        `${it.property} ${it.value}${it.element === undefined ? '' : ` of ${it.element}`}${it.description === undefined ? '' : `: ${it.description}`}`,
      )
  }

  flows({ from, to }: Flows): void {
    if (from.length + to.length === 0) return
    this.label = ''
    this.flow('from', from)
    this.flow('to', to)
  }

  private flow(label: string, flows: readonly Flow[]): void {
    for (const it of flows.slice(0, linesMax)) this.line(label, `${it.subject}${flowWords(it)}`)
    if (flows.length > linesMax) this.line(label, `and ${flows.length - linesMax} more: --json has all`)
  }

  columns(columns: readonly ColumnPart[]): void {
    const { print, style, width } = this.terminal
    const rows = columns.map(it => [
      it.name,
      it.type,
      `${it.primaryKey ? 'key ' : ''}${it.nullable ? 'null' : ''}`.trim(),
      it.classification ?? it.tags.join(' '),
      it.description ?? it.title ?? '',
    ])
    const [head = '', ...lines] = table(['column', 'type', '', 'is', 'what it means'], rows, { widthMax: 200 })
    print(style(clip(head, width), 'dim'))
    for (const line of lines) print(clip(line, width))
  }

  owner({ team, people, ask }: Owner): void {
    const names = people.map(it => it.name ?? it.username).join(', ')
    const who = [team, names === '' ? undefined : names].filter(it => it !== undefined).join(', ')
    this.line('answers', who === '' ? 'nobody: name a team in domain.yaml' : who)
    for (const it of ask) this.line('ask', it.url === undefined ? it.channel : `${it.channel}  ${it.url}`)
  }
}

/** Rows, the newest publication, and what checks said; of several datasets together. */
const servedWords = (served: readonly Served[]): string => {
  const sum = (of: (it: Served) => number): number => served.reduce((all, it) => all + of(it), 0)
  const newest =
    served
      .map(it => it.publishedAt)
      .sort()
      .at(-1) ?? null
  const checks = [
    `${several(
      sum(it => it.checks.passed),
      'check',
    )} passed`,
    ...(sum(it => it.checks.warned) > 0 ? [`${sum(it => it.checks.warned)} warned`] : []),
    ...(sum(it => it.checks.failed + it.checks.errored) > 0
      ? [`${sum(it => it.checks.failed + it.checks.errored)} failed`]
      : []),
  ]
  return `${several(
    sum(it => it.rows),
    'row',
  )} (${size(sum(it => it.bytes))}), published ${instant(newest)}, ${checks.join(', ')}`
}

const columnsShown = 3

const flowWords = ({ kind, columns = [], how = [], owner }: Flow): string => {
  const more = columns.length - columnsShown
  const read = columns.slice(0, columnsShown).join(', ')
  const what =
    kind === 'product' ? owner : columns.length === 0 ? how.join(', ') : `${read}${more > 0 ? ` and ${more} more` : ''}`
  return what === undefined || what === '' ? '' : ` (${what})`
}
