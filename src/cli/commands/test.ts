/** `weft test`: the checks of contracts on what is served, or on a file. */
import { resolve } from 'node:path'
import { exitCodes, hasErrors } from '../../base/index.ts'
import type { CheckResult } from '../../pipelines/index.ts'
import { type Command, text, texts } from '../command.ts'
import { duration, printable, several, type Terminal } from '../terminal.ts'

export const test: Command = {
  name: 'test',
  summary: 'run the checks of contracts on what is served, or on a file',
  about:
    'With --data a CSV or Parquet file is checked against the contract of one dataset; nothing needs to be applied. For a dataset of a source it is a file of any format that it may have, read as a run reads it.',
  arguments: [{ name: '[selector...]', what: 'products, or one dataset; all without one' }],
  options: [{ flags: '--data <file>', what: 'a CSV or Parquet file instead of what is served' }],
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
    const { checks, counts, problems } = await platform.ask(testDataOperation, {
      selectors: texts(values.selector),
      ...(data === undefined ? {} : { data: resolve(data) }),
    })
    const code = counts.failed + counts.errored > 0 ? exitCodes.checks : hasErrors(problems) ? exitCodes.failed : 0
    if (cli.isJson) cli.document('test', { checks, counts, ...(code === 0 ? {} : { ok: false }) }, problems)
    else if (cli.isJsonLines) {
      for (const it of checks) cli.event('check', it)
      cli.event('end', { counts, ok: code === 0, problems })
    } else {
      printChecks(cli.terminal, checks, cli.isVerbose)
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
