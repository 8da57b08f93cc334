/** `weft runs`: the last runs, or one with all that it says. */
import { problem, WeftError } from '../../base/index.ts'
import { type Command, text } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'
import { count, duration, instant, table } from '../terminal.ts'

export const runs: Command = {
  name: 'runs',
  summary: 'list the last runs, or show one',
  arguments: [{ name: '[id]', what: 'a run' }],
  options: [
    { flags: '--product <subject>', what: 'only of this product' },
    { flags: '--limit <n>', what: 'how many (20)' },
  ],
  examples: ['weft runs', 'weft runs --product finance.revenue'],
  async run(cli, values) {
    const limit = Number(text(values.limit) ?? 20)
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw new WeftError(
        'usage',
        problem(cliProblems, 'usage.wrong-value', '--limit takes a whole number', {
          found: text(values.limit),
          expected: '1 to 1000',
        }),
      )
    }
    const platform = await cli.platform({ warm: true })
    const { listRunsOperation } = await import('../../pipelines/index.ts')
    const id = text(values.id)
    const product = text(values.product)
    const found = await platform.ask(listRunsOperation, {
      limit,
      ...(id === undefined ? {} : { id }),
      ...(product === undefined ? {} : { product }),
    })
    if (id !== undefined && found.runs.length === 0) {
      throw new WeftError(
        'usage',
        problem(cliProblems, 'usage.wrong-value', `no run has the id "${id}"`, {
          found: id,
          help: 'weft runs lists them',
        }),
      )
    }
    if (cli.isJson) {
      cli.document('runs', found)
      return 0
    }
    const { print, remark, style } = cli.terminal
    if (found.runs.length === 0) {
      print('no runs yet')
      remark('next  weft apply')
      return 0
    }
    const rows = found.runs.map(it => [
      it.id,
      it.product,
      it.trigger,
      it.attempts === undefined ? it.state : `${it.state}, attempt ${it.attempts}`,
      instant(it.startedAt),
      it.durationMs === null ? '' : duration(it.durationMs),
      count(it.datasets.reduce((sum, one) => sum + (one.rows ?? 0), 0)),
    ])
    const [head = '', ...lines] = table(['run', 'product', 'trigger', 'state', 'started', 'took', 'rows'], rows, {
      right: [5, 6],
    })
    print(style(head, 'dim'))
    for (const line of lines) print(line)
    if (id !== undefined) {
      const { leftOutLines } = await import('../show-runs.ts')
      for (const line of found.runs.flatMap(leftOutLines)) print(line)
    }
    if (id !== undefined) await cli.problems(found.runs.flatMap(it => it.problems))
    return 0
  },
}
