/** A preview of data: asked for, and shown for people or as a document. */
import { exitCodes, type Problem, parseDuration, problem, WeftError } from '../base/index.ts'
import type { ComparedDataset, DataDiff, ExampleRow, Sample } from '../pipelines/index.ts'
import { pipelineProblems } from '../pipelines/index.ts'
import type { Cli } from './command.ts'
import { cliProblems } from './problem-kinds.ts'
import { clip, count, duration, printable, several, type Terminal } from './terminal.ts'

interface Asked {
  readonly subject: string | undefined
  readonly sample: string | undefined
  readonly time: string | undefined
}

/** Asks for it and shows it; gives the exit code. */
export const showDataDiff = async (cli: Cli, asked: Asked): Promise<number> => {
  const startedMs = performance.now()
  const { subject, sample, time } = asked
  if (subject === undefined) throw wrong('there is nothing to compare', undefined, 'weft diff --data <subject>')
  const question = {
    subject,
    ...(sample === undefined ? {} : { sample: sampleOf(sample) }),
    ...(time === undefined ? {} : { timeMs: timeOf(time) }),
  }
  const platform = await cli.platform({ warm: true })
  const { diffDataOperation } = await import('../pipelines/index.ts')
  const found = await platform.ask(diffDataOperation, question)
  const late = found.datasets.filter(it => it.timedOut)
  const problems = late.map(it => outOfTime(it.dataset))
  const compared = found.datasets.filter(it => !it.timedOut)
  const isBad = compared.some(({ checks }) => checks.failed + checks.errored > 0)
  const code = isBad ? exitCodes.checks : late.length > 0 ? exitCodes.failed : 0
  if (cli.isJson) cli.document('data-diff', { ...found, ...(code === 0 ? {} : { ok: false }) }, problems)
  else if (cli.isJsonLines) cli.event('end', { ...found, ok: code === 0, problems })
  else {
    printDataDiff(cli.terminal, found, cli.isVerbose)
    await cli.problems(problems)
    cli.terminal.remark(
      cli.terminal.styleRemark(`${duration(performance.now() - startedMs)}; nothing was published`, 'dim'),
    )
    if (compared.some(isDifferent)) cli.terminal.remark('next  weft plan')
  }
  return code
}

const wrong = (message: string, found: string | undefined, expected: string): WeftError =>
  new WeftError('usage', problem(cliProblems, 'usage.wrong-value', message, { found, expected }))

/** `10%` of the rows, or about `100000` of them. */
export const sampleOf = (written: string): Sample => {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(written)
  const share = Number(percent?.[1]) / 100
  if (percent !== null && share > 0 && share <= 1) return { share }
  const rows = /^\d[\d_,]*$/.test(written) ? Number(written.replaceAll(/[_,]/g, '')) : 0
  if (Number.isSafeInteger(rows) && rows > 0) return { rows }
  throw wrong('--sample takes a share or a number of rows', written, '10%, or 100000')
}

const timeOf = (written: string): number => {
  const ms = parseDuration(written)
  if (ms !== undefined && ms > 0 && ms < 2 ** 31) return ms
  throw wrong('--time takes a duration', written, '60s, 10min')
}

const outOfTime = (subject: string): Problem =>
  problem(pipelineProblems, 'diff.out-of-time', `${subject} was not compared: the time was over`, {
    subject,
    severity: 'warning',
    help: '--time 30min, or --sample 1%',
  })

const isDifferent = (it: ComparedDataset): boolean =>
  it.added + it.removed + (it.changed ?? 0) > 0 || it.columns.some(column => column.change !== undefined)

const examplesShownMax = 3

const printDataDiff = (terminal: Terminal, { datasets, inputs }: DataDiff, isVerbose: boolean): void => {
  const { print } = terminal
  for (const it of datasets) {
    if (it.timedOut) print(`${it.dataset}  not compared`)
    else printDataset(terminal, it, isVerbose)
  }
  const moved = [
    ...(inputs?.datasets ?? []),
    ...(inputs === undefined || inputs.files === 0
      ? []
      : [several(inputs.files, 'file of sources', 'files of sources')]),
  ]
  if (moved.length > 0)
    print(
      `What it reads has changed since it was built, which may be a part of the difference: ${moved.slice(0, 8).join(', ')}`,
    )
}

const printDataset = (terminal: Terminal, it: ComparedDataset, isVerbose: boolean): void => {
  const { print, style } = terminal
  print(style(it.dataset, 'bold'))
  if (it.before === null) print(`  nothing is served yet: ${several(it.after.rows, 'row')} would be`)
  else if (!isDifferent(it))
    print(`  ${style('same', 'green')}     files and data say the same, ${several(it.after.rows, 'row')}`)
  else printDifference(terminal, it, isVerbose)
  if (it.before !== null) printExtent(terminal, it)
  printChecks(terminal, it)
}

const printDifference = (terminal: Terminal, it: ComparedDataset, isVerbose: boolean): void => {
  const { print, style } = terminal
  const key = it.key === null ? 'without a key of both sides' : `by ${it.key.join(', ')}`
  print(`  rows     ${count(it.before?.rows ?? 0)} -> ${count(it.after.rows)}   ${style(key, 'dim')}`)
  const max = isVerbose ? Number.POSITIVE_INFINITY : examplesShownMax
  const show = (rows: readonly ExampleRow[]): void => {
    for (const row of rows.slice(0, max)) print(`             ${line(terminal, rowText(row))}`)
  }
  if (it.added > 0) print(`  ${style('+', 'green')} ${count(it.added)} added`)
  show(it.examples.added)
  if (it.removed > 0) print(`  ${style('-', 'red')} ${count(it.removed)} removed`)
  show(it.examples.removed)
  if (it.changed !== null && it.changed > 0) print(`  ${style('~', 'yellow')} ${count(it.changed)} changed`)
  for (const column of it.columns) {
    if (column.change !== undefined)
      print(`  ${columnSign(terminal, column.change)} column ${column.name}   ${columnText(column)}`)
    if (column.changed !== null && column.changed > 0) print(`    ${column.name}   ${several(column.changed, 'row')}`)
    for (const one of it.examples.changed.filter(it => it.column === column.name).slice(0, max))
      print(
        `             ${line(terminal, `${rowText(one.key)}: ${valueText(one.before)} -> ${valueText(one.after)}`)}`,
      )
  }
  print(`    ${count(it.unchanged)} unchanged`)
  if (it.key === null)
    print('    without a key a changed row is one removed and one added; no column can be counted by itself')
  const { before, after } = it.repeated
  if (before + after > 0)
    print(
      `  ${style('!', 'yellow')} rows that repeat a key are compared whole: ${count(before)} before, ${count(after)} after`,
    )
  if (it.examples.withheld !== undefined)
    print(`    values of ${it.examples.withheld.join(', ')} are not yours to read, so they are not shown`)
}

const columnSign = ({ style }: Terminal, change: string): string =>
  change === 'added' ? style('+', 'green') : change === 'removed' ? style('-', 'red') : style('~', 'yellow')

const columnText = ({ change, before, after, was }: ComparedDataset['columns'][number]): string => {
  if (change === 'added') return `new, ${after}`
  if (change === 'removed') return `gone, was ${before}`
  const type = before === undefined ? '' : `${before} -> ${after}`
  return was === undefined ? type : `was called ${was}${type === '' ? '' : `, ${type}`}`
}

/** How much was compared. */
const printExtent = ({ print, style }: Terminal, { sampled }: ComparedDataset): void => {
  const { share, rowsBefore, rowsAfter } = sampled
  const rows = `${count(rowsBefore)} rows before and ${count(rowsAfter)} after`
  if (share >= 1) print(style('  every row was compared', 'dim'))
  else print(`  ${style('a sample', 'yellow')} of ${percent(share)} was compared, ${rows}; counts are of these rows`)
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))}%`

const printChecks = ({ print, style }: Terminal, { checks }: ComparedDataset): void => {
  const { passed, failed, warned, errored, results } = checks
  const parts = [
    `${passed} passed`,
    ...(failed > 0 ? [style(`${failed} failed`, 'red')] : []),
    ...(errored > 0 ? [style(`${errored} could not be evaluated`, 'red')] : []),
    ...(warned > 0 ? [style(`${warned} warned`, 'yellow')] : []),
  ]
  print(`  checks   ${parts.join(', ')}`)
  for (const it of results)
    print(
      `             ${it.check}: ${printable(it.found)}; expected ${printable(it.expected)}   ${style(`${it.file}:${it.line}`, 'dim')}`,
    )
}

const line = ({ width }: Terminal, text: string): string => clip(printable(text), Math.max(40, width - 13))

const rowText = (row: ExampleRow): string =>
  Object.entries(row)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ')

const valueText = (value: ExampleRow[string]): string =>
  value === null ? 'NULL' : typeof value === 'object' ? JSON.stringify(value) : String(value)
