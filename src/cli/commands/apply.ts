/** `weft apply`: does what a plan says, step by step, and can go on after an interruption. */
import { exitCodes, type Problem, problem, WeftError } from '../../base/index.ts'
import type { Applied, Plan } from '../../planner/index.ts'
import { type Cli, type Command, text, type Values } from '../command.ts'
import { planWord } from '../plan-word.ts'
import { cliProblems } from '../problem-kinds.ts'
import { several } from '../terminal.ts'
import { allowed, allowOptions } from './plan.ts'

export const apply: Command = {
  name: 'apply',
  summary: 'apply the files, or a plan that was made before',
  isDoneUnheard: true,
  about:
    'Shows the plan and asks first; --yes answers. Every step is recorded: after an interruption --resume goes on where it stopped. Applying the same plan again does nothing.',
  arguments: [{ name: '[plan]', what: 'its id or file; without one a new plan is made' }],
  options: [...allowOptions, { flags: '--resume', what: 'go on with the plan that was interrupted' }],
  examples: ['weft apply', 'weft apply 7f3a91c20b11 --yes', 'weft apply --resume --yes'],
  async run(cli, values) {
    const startedMs = performance.now()
    const platform = await cli.platform({ warm: true })
    const { applyOperation, createPlanOperation, showPlan } = await import('../../planner/index.ts')
    const resume = values.resume === true
    const word = text(values.plan)
    if (!cli.yes && cli.isUnattended && !resume) {
      throw new WeftError(
        'usage',
        problem(cliProblems, 'usage.needs-yes', 'apply asks first, and nobody can be asked here', {
          help: 'give --yes',
        }),
      )
    }
    let plan: Plan | undefined
    if (!resume) {
      plan =
        word === undefined
          ? (await platform.ask(createPlanOperation, allowed(values))).plan
          : await permitted(
              await platform.ask(showPlan, { plan: planWord(word) }),
              () => platform.ask(createPlanOperation, allowed(values)),
              values,
            )
      const { printPlan } = await import('../show-plan.ts')
      if (!cli.isJson && !cli.isJsonLines) printPlan(cli.terminal, plan, { steps: cli.isVerbose })
      if (!(await confirm(cli, plan))) {
        throw new WeftError(
          'usage',
          problem(cliProblems, 'usage.declined', 'not applied; the plan is kept', { help: `weft apply ${plan.id}` }),
        )
      }
    }
    const applied = await platform.ask(applyOperation, {
      ...allowed(values),
      resume,
      ...(plan === undefined ? {} : { plan: plan.id }),
    })
    return answer(cli, applied, values, performance.now() - startedMs)
  },
}

/** A plan that was blocked, with permissions now: the same changes with what they allow. Other changes are another plan, and are refused as stale. */
const permitted = async (
  { plan }: { readonly plan: Plan },
  again: () => Promise<{ readonly plan: Plan }>,
  values: Values,
): Promise<Plan> => {
  const { allowBreaking, allowRemoval } = allowed(values)
  if (plan.blocked.length === 0 || allowBreaking.length + allowRemoval.length === 0) return plan
  const now = (await again()).plan
  return JSON.stringify(now.changes) === JSON.stringify(plan.changes) ? now : plan
}

/** What waits for another product has been told in a line. */
export const isToldWhole = (it: Problem): boolean =>
  it.severity === 'error' && !it.code.startsWith('run.held') && it.code !== 'run.cancelled'

const confirm = async (cli: Cli, plan: Plan): Promise<boolean> => {
  // What blocks the plan is told by applying it; there is nothing to confirm.
  if (cli.yes || plan.blocked.length > 0 || plan.steps.length === 0) return true
  return cli.ask('Apply it?')
}

const answer = async (
  cli: Cli,
  applied: Applied & { readonly warnings: Parameters<Cli['problems']>[0] },
  _values: Values,
  ms: number,
): Promise<number> => {
  const { printRuns, runsCode, runsSummary } = await import('../show-runs.ts')
  const failed = applied.steps.filter(step => step.state === 'failed')
  const pending = applied.steps.filter(step => step.state === 'pending')
  const runCode = runsCode(applied.runs)
  const broken = failed.some(step => step.kind !== 'build')
  const code = broken ? exitCodes.failed : pending.length > 0 && runCode === 0 ? exitCodes.interrupted : runCode
  const problems = [
    ...applied.runs.flatMap(run => run.problems),
    ...failed.filter(step => step.kind !== 'build').flatMap(step => step.problem ?? []),
  ]
  const { plan, steps, runs, warnings } = applied
  if (cli.isJson)
    cli.document('apply', { plan, steps, runs, ...(code === 0 ? {} : { ok: false }) }, [...problems, ...warnings])
  else if (cli.isJsonLines) cli.event('end', { plan, steps, runs, ok: code === 0, problems })
  else {
    const { terminal } = cli
    terminal.print()
    printRuns(terminal, runs, { onlyBad: terminal.out.isTTY })
    await cli.problems(problems.filter(isToldWhole))
    terminal.print(runsSummary(runs, ms))
    const left = pending.length + applied.runs.filter(run => run.state === 'cancelled').length
    if (left > 0) terminal.remark(`${several(left, 'step')} left; nothing is half done. next  weft apply --resume`)
    else if (code === 0) terminal.remark('next  weft status')
    else if (code === exitCodes.checks) terminal.remark('nothing bad was published. next  weft status')
  }
  return code
}
