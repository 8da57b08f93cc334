/** `weft impact`: whom it would touch if something changed. */
import { type Command, text } from '../command.ts'
import { several } from '../terminal.ts'
import { touchedLines } from '../touched.ts'

export const impact: Command = {
  name: 'impact',
  summary: 'tell whom it would touch if something changed',
  about:
    'The subject is a domain, product, port, dataset or column. Consumers are named with their owners, through any number of datasets; of what was applied.',
  arguments: [{ name: '<subject>', what: 'its subject, an end of it, or the name in SQL' }],
  examples: ['weft impact sales.shop_orders.orders.total', 'weft impact sales.shop-orders.orders.v1'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { impactOperation } = await import('../../planner/index.ts')
    const found = await platform.ask(impactOperation, { subject: text(values.subject) ?? '' })
    const { print, remark, style } = cli.terminal
    if ('nothing' in found) {
      if (cli.isJson) cli.document('impact', { consequences: [], products: [], owners: [] })
      else {
        print('nothing applied yet: impact is known of what is in the catalogue')
        remark('next  weft apply')
      }
      return 0
    }
    if (cli.isJson) {
      cli.document('impact', found)
      return 0
    }
    const { subject, kind, consequences, products, owners } = found
    print(`${style(subject, 'bold')}  ${kind}`)
    if (consequences.length === 0) {
      print('  Nobody else reads it.')
      return 0
    }
    for (const line of touchedLines(cli.terminal, consequences)) print(`  > ${line}`)
    if (found.consequencesCut === true) print(`  ${style('and more than the limit consequencesMax', 'yellow')}`)
    print()
    print(`${several(products.length, 'product')}, ${several(owners.length, 'owner')} to ask`)
    remark(`next  weft lineage ${subject}+ --columns`)
    return 0
  },
}
