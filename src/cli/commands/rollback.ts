/** `weft rollback`: publishes an older snapshot again and holds the port. */
import { type Command, text } from '../command.ts'

export const rollback: Command = {
  name: 'rollback',
  summary: 'publish an older snapshot of a port again, and hold the port until it is released',
  isDoneUnheard: true,
  arguments: [{ name: '<port>', what: 'an output port, such as sales.shop-orders.orders.v2' }],
  options: [
    { flags: '--to <snapshot>', what: 'the snapshot to go back to (the one before)' },
    { flags: '--downstream', what: 'also move what was made from the bad one' },
  ],
  examples: ['weft rollback finance.revenue.revenue.v1', 'weft rollback sales.shop-orders.orders.v2 --downstream'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { rollbackPort } = await import('../../pipelines/index.ts')
    const to = text(values.to)
    const result = await platform.ask(rollbackPort, {
      port: text(values.port) ?? '',
      downstream: values.downstream === true,
      ...(to === undefined ? {} : { to }),
    })
    if (cli.isJson) {
      cli.document('rollback', result)
      return 0
    }
    const { print, remark, style } = cli.terminal
    for (const it of result.moved) print(`${style('ok   ', 'green')} ${it.dataset}  ${it.from} -> ${it.to}`)
    for (const it of result.downstream.filter(one => !result.moved.some(moved => moved.dataset === one.dataset)))
      print(
        `${style('warn ', 'yellow')} ${it.dataset}  was made from ${it.madeFrom} and stays; --downstream moves it too`,
      )
    const ports = [...new Set(result.moved.map(it => it.dataset.slice(0, it.dataset.lastIndexOf('.'))))]
    print(`${ports.length === 1 ? 'The port is' : `${ports.length} ports are`} held: no run publishes there.`)
    remark(`next  weft release ${ports.join(' ')}`)
    return 0
  },
}
