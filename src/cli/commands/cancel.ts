/** `weft cancel`: ends a run, wherever it is. */
import { exitCodes } from '../../base/index.ts'
import { type Command, text } from '../command.ts'

export const cancel: Command = {
  name: 'cancel',
  summary: 'end a run that is queued or at work',
  isDoneUnheard: true,
  about: 'The process at work ends it within a second or two, publishes nothing of it, and exits with 130.',
  arguments: [{ name: '<what>', what: 'a run by its id, or a product' }],
  examples: ['weft cancel sales.shop-orders', 'weft cancel 0198f0a2-6c1e-7b7a-9d40-4f4e8f1d2a11'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { cancelRun } = await import('../../pipelines/index.ts')
    const { runs } = await platform.ask(cancelRun, { what: text(values.what) ?? '' })
    const isDone = runs.every(it => it.state === 'cancelled')
    if (cli.isJson) cli.document('cancel', { runs, ...(isDone ? {} : { ok: false }) })
    else for (const it of runs) cli.terminal.print(`${it.state.padEnd(10)} ${it.product}  ${it.id}`)
    return isDone ? 0 : exitCodes.failed
  },
}
