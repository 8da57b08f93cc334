import type { Command } from '../command.ts'
import { version } from '../version.ts'

export const versionCommand: Command = {
  name: 'version',
  summary: 'tell the version',
  examples: ['weft version'],
  async run(cli) {
    if (cli.isJson) cli.document('version', { version: version(), node: process.versions.node })
    else cli.terminal.print(version())
    return 0
  },
}
