/** `weft logs`: what the runs of a product did, step by step. */
import { setTimeout } from 'node:timers/promises'
import { WeftError } from '../../base/index.ts'
import type { LoggedRun, LogLine } from '../../pipelines/index.ts'
import { type Cli, type Command, text } from '../command.ts'
import { count, duration, instant, printable } from '../terminal.ts'

const pollMs = 300

export const logs: Command = {
  name: 'logs',
  summary: "tell the steps of a product's last runs",
  about:
    'Reads the log of this machine (.weft/<env>/logs): steps with their times and rows, and problems. It needs no catalogue, so it works whoever is at it.',
  arguments: [{ name: '<product>', what: 'its subject, or the end of it' }],
  options: [
    { flags: '--run <id>', what: 'only this run' },
    { flags: '--follow', what: 'go on with what happens, until Ctrl-C' },
    { flags: '--limit <n>', what: 'how many runs (3)' },
  ],
  examples: ['weft logs finance.revenue', 'weft logs shop-orders --follow'],
  async run(cli, values) {
    const platform = await cli.platform()
    const { showLogs } = await import('../../pipelines/index.ts')
    const run = text(values.run)
    const input = {
      product: text(values.product) ?? '',
      limit: Number(text(values.limit) ?? 3),
      ...(run === undefined ? {} : { run }),
    }
    if (values.follow !== true) {
      const { runs } = await platform.ask(showLogs, input)
      if (cli.isJson) cli.document('logs', { runs })
      else for (const it of runs) show(cli, it, 0)
      return 0
    }
    const told = new Map<string, number>()
    while (!cli.signal.aborted) {
      const runs = await platform.ask(showLogs, input).then(
        it => it.runs,
        error => {
          // Its first run may be about to begin.
          if (error instanceof WeftError && error.code === 'run.not-logged') return []
          throw error
        },
      )
      for (const it of runs) {
        const before = told.get(it.id) ?? 0
        if (it.events.length > before) show(cli, it, before)
        told.set(it.id, it.events.length)
      }
      await setTimeout(pollMs, undefined, { signal: cli.signal }).catch(() => {})
    }
    return 0
  },
}

const show = (cli: Cli, run: LoggedRun, from: number): void => {
  if (cli.isJsonLines) {
    for (const it of run.events.slice(from)) cli.event('log', it)
    return
  }
  const { print, style } = cli.terminal
  if (from === 0) print(style(`run ${run.id}  ${run.product}  ${instant(run.startedAt)}  ${run.state}`, 'bold'))
  for (const it of run.events.slice(from)) print(`  ${it.at.slice(11, 23)}  ${words(it)}`)
}

const words = (it: LogLine): string => {
  const rows = typeof it.rows === 'number' && it.rows > 0 ? `  ${count(it.rows)} rows` : ''
  switch (it.event) {
    case 'run.started':
      return `started by ${String(it.by)} (${String(it.trigger)})${it.attempt === 1 ? '' : `, attempt ${String(it.attempt)}`}`
    case 'run.step':
      return `${String(it.activity).padEnd(10)} ${String(it.dataset)}${rows}`
    case 'run.problem':
      return `${String(it.code)}: ${printable(String(it.message))}${typeof it.touches === 'string' ? `; touches ${printable(it.touches)}` : ''}`
    case 'run.rows-left-out':
      return `left out   ${String(it.dataset)}${rows}, ${String(it.partitions)} whole partitions, ${String(it.by)} before ${String(it.before)} (policy ${String(it.policy)})`
    case 'run.ended':
      return `${String(it.state)} in ${duration(Number(it.durationMs))}${rows}`
    default:
      return it.event
  }
}
