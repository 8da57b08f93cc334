/** `weft release`: ends the hold of a port. */
import { type Command, text } from '../command.ts'

export const release: Command = {
  name: 'release',
  summary: 'end the hold of a port',
  arguments: [{ name: '<port>', what: 'an output port that is held' }],
  examples: ['weft release finance.revenue.revenue.v1'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { releasePort } = await import('../../pipelines/index.ts')
    const result = await releasePort.run(platform.context(), { port: text(values.port) ?? '' })
    if (cli.isJson) cli.document('release', result)
    else {
      cli.terminal.print(result.released === 0 ? `${result.port} was not held` : `${result.port} is released`)
      if (result.released > 0) cli.terminal.remark(`next  weft run ${result.port.split('.').slice(0, 2).join('.')}`)
    }
    return 0
  },
}
