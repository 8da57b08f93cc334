/** `weft status`: what is served, held and last ran. */
import type { Command } from '../command.ts'
import { count, instant, several, table } from '../terminal.ts'

export const status: Command = {
  name: 'status',
  summary: 'tell what is served, held and last ran',
  examples: ['weft status', 'weft status --json'],
  async run(cli) {
    const platform = await cli.platform({ warm: true })
    const { statusOperation } = await import('../../planner/index.ts')
    const { environment, domains, products, retired, problems } = await platform.ask(statusOperation, {})
    if (cli.isJson) {
      cli.document('status', { environment, domains, products, retired, ok: true }, problems)
      return 0
    }
    const { print, remark, style } = cli.terminal
    if (products.length === 0) {
      print('no products yet')
      remark('next  weft init makes a first mesh')
      return 0
    }
    const rows = products.map(it => {
      const served = it.datasets.filter(one => one.snapshot !== null)
      const state =
        it.status === 'not in the files'
          ? it.status
          : it.held !== undefined
            ? 'held'
            : it.lastRun !== undefined && it.lastRun.state !== 'succeeded' && it.lastRun.state !== 'unchanged'
              ? it.lastRun.state
              : it.datasets.length === 0
                ? 'described'
                : served.length === it.datasets.length
                  ? 'served'
                  : served.length > 0
                    ? 'partly served'
                    : 'not published'
      const newest = served
        .map(one => one.publishedAt ?? '')
        .sort()
        .at(-1)
      const rowCount = served.reduce((sum, one) => sum + (one.rows ?? 0), 0)
      return [
        it.product,
        it.version,
        state,
        String(it.datasets.length),
        served.length === 0 ? '' : count(rowCount),
        instant(newest ?? null),
      ]
    })
    const [head = '', ...lines] = table(['product', 'version', 'state', 'datasets', 'rows', 'published'], rows, {
      right: [3, 4],
    })
    print(`${environment}: ${several(products.length, 'product')} in ${several(domains.length, 'domain')}`)
    print()
    print(style(head, 'dim'))
    lines.forEach((line, index) => {
      const state = rows[index]?.[2] ?? ''
      const colour =
        state === 'served'
          ? 'green'
          : state === 'described'
            ? 'dim'
            : state === 'held' || state === 'not published' || state === 'partly served'
              ? 'yellow'
              : 'red'
      print(line.replace(state, style(state, colour)))
    })
    if (problems.length > 0) remark(`\n${several(problems.length, 'error')} in the files: weft check`)
    const { printLife } = await import('../show-life.ts')
    printLife(cli.terminal, products, retired)
    const held = products.filter(it => it.held !== undefined)
    for (const it of held)
      print(`\n${it.product} is held since ${instant(it.held?.since ?? null)} by ${it.held?.by}: ${it.held?.reason}`)
    const bad = products.filter(
      it => it.lastRun !== undefined && !['succeeded', 'unchanged'].includes(it.lastRun.state),
    )
    if (bad.length > 0) remark(`next  weft runs ${bad[0]?.lastRun?.id ?? ''}`)
    else if (products.some(it => it.datasets.some(one => one.snapshot === null))) remark('next  weft plan')
    return 0
  },
}
