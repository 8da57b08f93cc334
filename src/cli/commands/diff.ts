/** `weft diff`: what a change would do. */
import { type Command, text } from '../command.ts'

export const diff: Command = {
  name: 'diff',
  summary: 'compare the data that the files would make with the data that is served',
  about:
    'With --data the product of the subject is built from the files as they are, with what it would read now, and compared row by row with what it serves. Nothing is published or kept.',
  options: [
    { flags: '--data <subject>', what: 'a dataset, a port or a product' },
    { flags: '--sample <size>', what: 'compare a share of the rows, or about so many: 10%, 100000 (limits.diffRows)' },
    { flags: '--time <duration>', what: 'stop after so long and tell what was compared: 60s (limits.diffTimeMs)' },
  ],
  examples: ['weft diff --data finance.revenue', 'weft diff --data sales.shop-orders.orders.v2.orders --sample 10%'],
  async run(cli, values) {
    const { showDataDiff } = await import('../show-data-diff.ts')
    return showDataDiff(cli, { subject: text(values.data), sample: text(values.sample), time: text(values.time) })
  },
}
