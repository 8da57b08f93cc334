/** `weft check`: every definition and model, without store and data. */
import { exitCodes, hasErrors } from '../../base/index.ts'
import type { Command } from '../command.ts'
import { duration, several } from '../terminal.ts'

export const check: Command = {
  name: 'check',
  summary: 'check every definition and bind every model; needs no data and no catalogue',
  examples: ['weft check', 'weft check --json'],
  async run(cli) {
    const startedMs = performance.now()
    const platform = await cli.platform()
    const { checkOperation } = await import('../../planner/index.ts')
    const { counts, problems, files } = await platform.ask(checkOperation, {})
    const code = hasErrors(problems) ? exitCodes.invalid : 0
    if (cli.isJson) {
      cli.document('check', { counts, problems }, problems)
      return code
    }
    await cli.problems(problems)
    const { print, style } = cli.terminal
    const errors = problems.filter(it => it.severity === 'error')
    const bad = new Set(problems.flatMap(it => it.file ?? [])).size
    const took = duration(performance.now() - startedMs)
    if (problems.length > 0) {
      const warnings = problems.length - errors.length
      const words = [
        ...(errors.length > 0 ? [style(several(errors.length, 'error'), 'red')] : []),
        ...(warnings > 0 ? [style(several(warnings, 'warning'), 'yellow')] : []),
      ]
      print(
        `${words.join(' and ')} in ${several(bad, 'file')}, ${several(Math.max(0, files - bad), 'file')} fine, ${took}`,
      )
    }
    if (errors.length === 0) {
      const { domains, products, contracts, datasets, columns, models, policies } = counts
      print(
        `${style('ok', 'green')}  ${several(products, 'product')} in ${several(domains, 'domain')}: ${several(contracts, 'contract')}, ${several(datasets, 'dataset')}, ${several(columns, 'column')}, ${several(models, 'model')}, ${several(policies, 'policy', 'policies')}  (${several(files, 'file')}, ${took})`,
      )
      if (files === 0) cli.terminal.remark('next  weft init makes a first mesh')
      else cli.terminal.remark('next  weft plan')
    }
    return code
  },
}
