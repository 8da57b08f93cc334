/** `weft show`: a plan that was made before. */
import { exitCodes } from '../../base/index.ts'
import { type Command, text } from '../command.ts'
import { planWord } from '../plan-word.ts'

export const show: Command = {
  name: 'show',
  summary: 'show a plan that was made before',
  arguments: [{ name: '<plan>', what: 'its id, or the file that it was written to' }],
  options: [{ flags: '--format <format>', what: 'text or markdown (text)' }],
  examples: ['weft show 7f3a91c20b11', 'weft show plan.json --format markdown'],
  async run(cli, values) {
    const platform = await cli.platform({ warm: true })
    const { planMarkdown, showPlan } = await import('../../planner/index.ts')
    const { plan } = await platform.ask(showPlan, { plan: planWord(text(values.plan) ?? '') })
    if (cli.isJson) cli.document('plan', plan, plan.blocked)
    else if (values.format === 'markdown') cli.terminal.out.write(planMarkdown(plan))
    else {
      const { printPlan } = await import('../show-plan.ts')
      printPlan(cli.terminal, plan, { steps: true })
      await cli.problems(plan.blocked)
    }
    return plan.blocked.length > 0 ? exitCodes.blocked : 0
  },
}
