/** `weft explain`: why a problem is one, and what to do. */
import { didYouMean, problem, WeftError } from '../../base/index.ts'
import { type Command, text } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'tell why a problem is one, and what to do',
  arguments: [{ name: '[code]', what: 'such as sql.unknown-column; all codes without one' }],
  examples: ['weft explain contract.breaking-change'],
  async run(cli, values) {
    const { problemKinds } = await import('../../platform.ts')
    const all = { ...problemKinds, ...cliProblems }
    const code = text(values.code)
    const { print, style } = cli.terminal
    if (code === undefined) {
      if (cli.isJson) cli.document('explain', { codes: Object.keys(all).sort() })
      else
        for (const [name, kind] of Object.entries(all).sort()) print(`${name.padEnd(32)} ${style(kind.title, 'dim')}`)
      return 0
    }
    const kind = Object.entries(all).find(([name]) => name === code)?.[1]
    if (kind === undefined) {
      throw new WeftError(
        'usage',
        problem(cliProblems, 'explain.unknown-code', `no problem has the code "${code}"`, {
          found: code,
          help: didYouMean(code, Object.keys(all)),
        }),
      )
    }
    if (cli.isJson) cli.document('explain', { code, ...kind })
    else {
      print(`${style(code, 'bold')}  ${kind.severity}`)
      print(kind.title)
      print()
      print(kind.why)
      print(kind.mend)
    }
    return 0
  },
}
