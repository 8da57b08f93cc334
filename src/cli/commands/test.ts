/** `weft test`: the checks of contracts on what is served, or on a file. */
import { resolve } from 'node:path'
import { exitCodes, hasErrors } from '../../base/index.ts'
import type { CheckResult, ReadFile } from '../../pipelines/index.ts'
import { type Command, text, texts } from '../command.ts'
import { count, duration, printable, several, type Terminal } from '../terminal.ts'

export const test: Command = {
  name: 'test',
  summary: 'run the checks of contracts on what is served, or on a file',
  about:
    'With --data a file is read as a run reads it, lines that are no rows and changed columns with it, and checked against the contract of one dataset, or of one that a source has; nothing needs to be applied.',
  arguments: [{ name: '[selector...]', what: 'products, or one dataset; all without one' }],
  options: [{ flags: '--data <file>', what: 'a file (CSV, JSON, Parquet, Excel) or a glob instead of what is served' }],
  examples: [
    'weft test',
    'weft test finance.revenue',
    'weft test sales.shop-orders.orders.v2.orders --data orders.csv',
  ],
  async run(cli, values) {
    const startedMs = performance.now()
    const data = text(values.data)
    const platform = await cli.platform({ warm: data === undefined })
    const { testDataOperation } = await import('../../pipelines/index.ts')
    const { checks, counts, problems, read } = await platform.ask(testDataOperation, {
      selectors: texts(values.selector),
      ...(data === undefined ? {} : { data: resolve(data) }),
    })
    const code = counts.failed + counts.errored > 0 ? exitCodes.checks : hasErrors(problems) ? exitCodes.failed : 0
    if (cli.isJson)
      cli.document(
        'test',
        { checks, counts, ...(read === undefined ? {} : { read }), ...(code === 0 ? {} : { ok: false }) },
        problems,
      )
    else if (cli.isJsonLines) {
      for (const it of checks) cli.event('check', it)
      cli.event('end', { counts, ...(read === undefined ? {} : { read }), ok: code === 0, problems })
    } else {
      printChecks(cli.terminal, checks, cli.isVerbose)
      if (read !== undefined) printRead(cli.terminal, read)
      await cli.problems(problems)
      const { passed, failed, warned, errored } = counts
      const parts = [
        `${passed} passed`,
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(errored > 0 ? [`${errored} could not be evaluated`] : []),
        ...(warned > 0 ? [`${warned} warned`] : []),
      ]
      cli.terminal.print(`${parts.join(', ')} in ${duration(performance.now() - startedMs)}`)
    }
    return code
  },
}

const rejectsShownMax = 20

/** Where lines that are no rows stand, and why; what stands in them is for nobody to see here. */
const printRead = ({ print, style }: Terminal, { lines, rows, rejects, rejected }: ReadFile): void => {
  print(`      ${count(rows)} of ${several(lines, 'line')} are rows`)
  for (const it of rejected.slice(0, rejectsShownMax))
    print(
      `        ${style('reject', 'yellow')} line ${it.line ?? '?'}${it.column === null ? '' : `, ${it.column}`}: ${it.reason}`,
    )
  const rest = rejects - Math.min(rejected.length, rejectsShownMax)
  if (rest > 0) print(`        and ${several(rest, 'more reject')}`)
}

const printChecks = ({ print, style }: Terminal, checks: readonly CheckResult[], isVerbose: boolean): void => {
  const datasets = new Map<string, CheckResult[]>()
  for (const it of checks) datasets.set(it.dataset, [...(datasets.get(it.dataset) ?? []), it])
  for (const [dataset, all] of datasets) {
    const bad = all.filter(it => it.state !== 'passed')
    const isFailed = bad.some(it => it.severity === 'error')
    const word = isFailed ? style('fail ', 'red') : bad.length > 0 ? style('warn ', 'yellow') : style('ok   ', 'green')
    const how = bad.length === 0 ? several(all.length, 'check') : `${bad.length} of ${several(all.length, 'check')}`
    print(`${word} ${dataset.padEnd(48)} ${how}`)
    for (const it of isVerbose ? all : bad)
      print(
        `        ${it.state === 'passed' ? 'ok  ' : it.severity === 'error' ? style('fail', 'red') : style('warn', 'yellow')} ${it.check}: ${printable(it.found)}; expected ${printable(it.expected)}   ${style(`${it.file}:${it.line}:${it.column}`, 'dim')}`,
      )
  }
}
