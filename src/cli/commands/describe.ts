/** `weft describe`: one thing, for people who want to judge and use it. */
import { type Command, text } from '../command.ts'

export const describe: Command = {
  name: 'describe',
  summary: 'tell of one thing what it is, whether it is good now, and how to have it',
  about:
    'A domain, product, port, dataset, column, term, policy, chapter or agreement; by subject, by a short form of it,\nby its name in SQL, or by the id that the standard gave it.',
  arguments: [{ name: '<thing>', what: 'such as shop-orders, order_lines.quantity or term:customer' }],
  examples: [
    'weft describe shop-orders',
    'weft describe sales.shop_orders.orders',
    'weft describe orders.total --json',
  ],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { describeOperation } = await import('../../catalog/index.ts')
    const { thing } = await platform.ask(describeOperation, { thing: text(values.thing) ?? '' })
    if (cli.isJson) cli.document('describe', { thing })
    else {
      const { printThing } = await import('../show-thing.ts')
      printThing(cli.terminal, thing)
    }
    return 0
  },
}
