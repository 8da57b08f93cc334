/** `weft run`: builds, checks and publishes products as they were applied. */
import { type Command, texts } from '../command.ts'
import { isToldWhole } from './apply.ts'

export const run: Command = {
  name: 'run',
  summary: 'build, check and publish products, each after what it reads',
  isDoneUnheard: true,
  about:
    'Products whose inputs, models and contracts are as they were built are left alone. Files that were not applied are refused.',
  arguments: [
    {
      name: '[selector...]',
      what: 'products: a subject, a glob, +x / x+ for what is up- or downstream, tag:, status:, changed; all without one',
    },
  ],
  options: [
    { flags: '--full', what: 'build even where nothing changed' },
    { flags: '--from <day>', what: 'build partitions from this one on again, and no others' },
    { flags: '--to <day>', what: 'up to this one, and with it' },
  ],
  examples: [
    'weft run',
    'weft run sales.shop-orders+',
    "weft run 'finance.*' --full",
    'weft run sales.shop-orders --from 2011-03 --to 2011-04',
  ],
  async run(cli, values) {
    const startedMs = performance.now()
    const platform = await cli.platform({ warm: true })
    const { printRuns, runsCode, runsSummary } = await import('../show-runs.ts')
    const { startRuns } = await import('../../pipelines/index.ts')
    const { runs } = await platform.ask(startRuns, {
      selectors: texts(values.selector),
      full: values.full === true,
      ...(typeof values.from === 'string' ? { from: values.from } : {}),
      ...(typeof values.to === 'string' ? { to: values.to } : {}),
    })
    const code = runsCode(runs)
    const problems = runs.flatMap(it => it.problems)
    if (cli.isJson) cli.document('run', { runs, ...(code === 0 ? {} : { ok: false }) }, problems)
    else if (cli.isJsonLines) cli.event('end', { runs, ok: code === 0, problems })
    else {
      printRuns(cli.terminal, runs, { onlyBad: cli.terminal.out.isTTY })
      await cli.problems(problems.filter(isToldWhole))
      cli.terminal.print(runsSummary(runs, performance.now() - startedMs))
      if (code !== 0) cli.terminal.remark('next  weft status')
    }
    return code
  },
}
