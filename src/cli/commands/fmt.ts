/** `weft fmt`: patches definitions to the house form. */
import { exitCodes } from '../../base/index.ts'
import type { Command } from '../command.ts'
import { several } from '../terminal.ts'

export const fmt: Command = {
  name: 'fmt',
  summary: 'patch definitions to the house form; lines that need no change keep every byte',
  isDoneUnheard: true,
  options: [{ flags: '--check', what: 'change nothing; exit with 65 where something would be changed' }],
  examples: ['weft fmt', 'weft fmt --check'],
  async run(cli, values) {
    const platform = await cli.platform()
    const { formatOperation } = await import('../../mesh/index.ts')
    const check = values.check === true
    const { files, changed } = await platform.ask(formatOperation, { check })
    const code = check && changed.length > 0 ? exitCodes.invalid : 0
    if (cli.isJson) {
      cli.document('fmt', { files, changed, ...(code === 0 ? {} : { ok: false }) })
      return code
    }
    for (const it of changed) for (const one of it.changes) cli.terminal.print(`${it.file}:${one.line}  ${one.what}`)
    cli.terminal.print(
      changed.length === 0
        ? `${several(files, 'file')}, nothing to change`
        : `${several(changed.length, 'file')} ${check ? 'would be' : ''} changed of ${files}`.replace('  ', ' '),
    )
    return code
  },
}
