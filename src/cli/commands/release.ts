/** `weft release`: ends the hold of a port. */
import { type Command, texts } from '../command.ts'

export const release: Command = {
  name: 'release',
  summary: 'end the holds of ports',
  isDoneUnheard: true,
  arguments: [{ name: '<port...>', what: 'output ports that are held' }],
  examples: ['weft release finance.revenue.revenue.v1'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { releasePort } = await import('../../pipelines/index.ts')
    const { released } = await platform.ask(releasePort, { ports: texts(values.port) })
    if (cli.isJson) cli.document('release', { released })
    else {
      for (const it of released)
        cli.terminal.print(it.holds === 0 ? `${it.port} was not held` : `${it.port} is released`)
      if (released.some(it => it.holds > 0)) cli.terminal.remark('next  weft run')
    }
    return 0
  },
}
