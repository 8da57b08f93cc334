/** `weft lineage`: what something is made from, and what is made from it. */
import { problem, WeftError } from '../../base/index.ts'
import type { ObservedReport, Shown, ShownPaths } from '../../lineage/index.ts'
import type { Platform } from '../../platform.ts'
import { type Cli, type Command, text } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'
import { drawing, isDrawing, lineageTree } from '../show-lineage.ts'
import { count, instant, several, table } from '../terminal.ts'

export const lineage: Command = {
  name: 'lineage',
  summary: 'show what something is made from, and what is made from it',
  about:
    'The subject is a product, a port, a dataset or a column; hops may be written around it: 1+sales.orders.v1+2, or + alone for all.\nLineage is known of what was applied.',
  arguments: [{ name: '[subject]', what: 'its subject, an end of it, or the name in SQL, with hops around it' }],
  options: [
    { flags: '--up <n>', what: 'hops towards what it is made from' },
    { flags: '--down <n>', what: 'hops towards what is made from it' },
    { flags: '--columns', what: 'of a dataset, port or product: walk its columns' },
    { flags: '--to <subject>', what: 'all ways between the two, the shortest first' },
    { flags: '--snapshot <id>', what: 'what the columns of an older snapshot were made from' },
    { flags: '--observed', what: 'compare declared input ports with what is really read' },
    { flags: '--format <format>', what: 'tree (the default), mermaid or dot' },
  ],
  examples: [
    'weft lineage finance.revenue.daily_revenue --up 3',
    'weft lineage finance.revenue.daily_revenue.net --up 2',
    'weft lineage 1+sales.shop-orders.orders.v2+2',
    'weft lineage sales.shop-orders --format mermaid',
    'weft lineage --observed',
  ],
  async run(cli, values) {
    const format = text(values.format) ?? 'tree'
    if (format !== 'tree' && !isDrawing(format)) throw usage('--format', format, 'tree, mermaid or dot')
    const platform = await cli.platform({ warm: true })
    const word = text(values.subject)
    if (values.observed === true) return observed(cli, platform, word)
    if (text(values.snapshot) !== undefined) return ofSnapshot(cli, platform, text(values.snapshot) ?? '')
    if (word === undefined) throw usage('the subject', 'nothing', 'weft lineage <subject>, or weft lineage --observed')
    const asked = hopsAround(word)
    const to = text(values.to)
    if (to !== undefined) return paths(cli, platform, asked.subject, to)
    const up = hopsOf('--up', values.up) ?? asked.up
    const down = hopsOf('--down', values.down) ?? asked.down
    // Whoever names one side wants that one.
    const isSided = up !== undefined || down !== undefined
    const { showLineage } = await import('../../lineage/index.ts')
    const shown = await platform.ask(showLineage, {
      subject: asked.subject,
      up: up ?? (isSided ? 0 : 1),
      down: down ?? (isSided ? 0 : 1),
      columns: values.columns === true,
    })
    if ('nothing' in shown) return nothing(cli, { nodes: [], edges: [] })
    if (cli.isJson) cli.document('lineage', document(shown))
    else if (isDrawing(format)) cli.terminal.print(drawing(format, shown))
    else tree(cli, shown)
    return 0
  },
}

const document = ({ truncated, ...shown }: Shown): object => ({
  ...shown,
  ...(truncated === undefined ? {} : { truncated }),
})

const tree = (cli: Cli, shown: Shown): void => {
  const { print, remark, style } = cli.terminal
  for (const line of lineageTree(shown, { style, isVerbose: cli.isVerbose })) print(line)
  for (const { subject, reason, line } of shown.wide)
    remark(`more may flow into ${subject} than is shown: ${reason}${line === undefined ? '' : ` (line ${line})`}`)
  const { nodes, products, domains } = shown.downstream
  const more = (shown.truncated?.up ?? 0) + (shown.truncated?.down ?? 0)
  if (nodes > 0)
    remark(
      `\n${count(nodes)} downstream in all, of ${several(products, 'product')} in ${several(domains, 'domain')}${more > 0 ? `; ${count(more)} next to these are not shown` : ''}`,
    )
  if (more > 0) {
    const [up, down] = [shown.truncated?.up ?? 0, shown.truncated?.down ?? 0].map(it => it > 0)
    remark(`next  weft lineage ${up ? '+' : ''}${shown.subject}${down ? '+' : ''}`)
  }
}

const nothing = (cli: Cli, empty: object): number => {
  if (cli.isJson) cli.document('lineage', empty)
  else {
    cli.terminal.print('nothing applied yet: lineage is known of what is in the catalogue')
    cli.terminal.remark('next  weft apply')
  }
  return 0
}

const paths = async (cli: Cli, platform: Platform, from: string, to: string): Promise<number> => {
  const { showPaths } = await import('../../lineage/index.ts')
  const found = await platform.ask(showPaths, { from, to })
  if ('nothing' in found) return nothing(cli, { paths: [] })
  if (cli.isJson) {
    cli.document('lineage', { ...found, paths: found.paths.map(({ subjects, how }) => ({ subjects, how })) })
    return 0
  }
  printPaths(cli, found)
  return 0
}

const printPaths = (cli: Cli, { from, to, paths: all, isCut, left }: ShownPaths): void => {
  const { print, remark, style } = cli.terminal
  if (all.length === 0) {
    print(`nothing leads from ${from} to ${to}, or back`)
    if (left > 0) remark(`${count(left)} things were not looked at: limits.lineageNodesMax was reached`)
    return
  }
  for (const { subjects, edges, how } of all) {
    print(`${how}, ${several(edges.length, 'hop')}`)
    subjects.forEach((subject, index) => {
      const edge = edges[index - 1]
      const place = edge?.file === undefined ? '' : style(`  ${edge.file}:${edge.line}:${edge.column}`, 'dim')
      print(`  ${subject}${edge === undefined ? '' : `  ${style(edge.how, 'cyan')}${place}`}`)
    })
  }
  if (isCut) remark('there are more ways than these')
}

const ofSnapshot = async (cli: Cli, platform: Platform, snapshot: string): Promise<number> => {
  const { showSnapshotLineage } = await import('../../lineage/index.ts')
  const found = await platform.ask(showSnapshotLineage, { snapshot })
  if ('nothing' in found) return nothing(cli, { edges: [] })
  if (cli.isJson) {
    cli.document('lineage', found)
    return 0
  }
  const { print, style } = cli.terminal
  const rows = found.edges.map(it => [
    it.to,
    it.how,
    it.from,
    `${it.file ?? ''}${it.line === undefined ? '' : `:${it.line}`}`,
  ])
  const [head = '', ...lines] = table(['made', 'how', 'from', 'where'], rows, { widthMax: 80 })
  print(`${found.dataset}, as ${snapshot} was made`)
  print(style(head, 'dim'))
  for (const line of lines) print(line)
  return 0
}

const observed = async (cli: Cli, platform: Platform, subject: string | undefined): Promise<number> => {
  const { showObserved } = await import('../../lineage/index.ts')
  const found = await platform.ask(showObserved, subject === undefined ? {} : { subject })
  if ('nothing' in found) return nothing(cli, { neverRead: [], undeclared: [], read: 0, left: 0 })
  if (cli.isJson) cli.document('lineage', found)
  else printObserved(cli, found)
  return 0
}

const printObserved = (cli: Cli, { neverRead, undeclared, read, left }: ObservedReport): void => {
  const { print, remark, style } = cli.terminal
  print(`${several(read, 'input port')} read as declared`)
  if (neverRead.length > 0) {
    print(`\n${several(neverRead.length, 'input port')} never read by a run`)
    for (const { inputPort, port, file, line } of neverRead)
      print(`  ${inputPort}  ${style(`declares ${port}, ${file}${line === null ? '' : `:${line}`}`, 'dim')}`)
  }
  if (undeclared.length > 0) {
    print(`\n${several(undeclared.length, 'reader')} without an input port`)
    const rows = undeclared.map(it => [it.dataset, it.reader, several(it.days, 'day'), instant(it.lastAt)])
    const [head = '', ...lines] = table(['dataset', 'reader', 'on', 'last'], rows)
    print(style(`  ${head}`, 'dim'))
    for (const line of lines) print(`  ${line}`)
  }
  if (left > 0) remark(`\n${count(left)} more are not shown`)
}

/** `1+x+2`: hops around a subject; a plus alone is all. */
const hopsAround = (
  word: string,
): { readonly subject: string; readonly up: number | undefined; readonly down: number | undefined } => {
  const match = /^(?:(\d*)\+)?(.+?)(?:\+(\d*))?$/.exec(word)
  const number = (part: string | undefined): number | undefined =>
    part === undefined ? undefined : part === '' ? hopsAll : Number(part)
  return { subject: match?.[2] ?? word, up: number(match?.[1]), down: number(match?.[3]) }
}

/** No mesh is so deep; how many things are shown is limited anyway. */
const hopsAll = 1000

const hopsOf = (flag: string, value: unknown): number | undefined => {
  if (value === undefined) return undefined
  if (!/^\d{1,4}$/.test(String(value))) throw usage(flag, String(value), 'a number of hops, such as 2')
  return Number(value)
}

const usage = (what: string, found: string, expected: string): WeftError =>
  new WeftError('usage', problem(cliProblems, 'usage.wrong-value', `${what} cannot be ${found}`, { found, expected }))
