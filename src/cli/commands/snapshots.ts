/** `weft snapshots`: every state of a dataset that is kept. */
import { type Command, text } from '../command.ts'
import { count, instant, size, table } from '../terminal.ts'

export const snapshots: Command = {
  name: 'snapshots',
  summary: 'list the snapshots of a dataset, newest first',
  arguments: [{ name: '<dataset>', what: "its subject, a short form of it, or the reader's name" }],
  examples: ['weft snapshots sales.shop_orders.order_lines'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { listSnapshots } = await import('../../pipelines/index.ts')
    const found = await platform.ask(listSnapshots, { dataset: text(values.dataset) ?? '' })
    if (cli.isJson) {
      cli.document('snapshots', found)
      return 0
    }
    const { print, remark, style } = cli.terminal
    if (found.snapshots.length === 0) {
      print('no snapshots yet')
      remark('next  weft apply')
      return 0
    }
    const rows = found.snapshots.map(it => [
      it.id,
      it.state,
      instant(it.createdAt),
      count(it.rows),
      size(it.bytes),
      `${it.files}${it.reusedFiles > 0 ? ` (${it.reusedFiles} reused)` : ''}`,
    ])
    const [head = '', ...lines] = table(['snapshot', 'state', 'made', 'rows', 'size', 'files'], rows, {
      right: [3, 4, 5],
    })
    print(style(head, 'dim'))
    for (const line of lines) print(line)
    return 0
  },
}
