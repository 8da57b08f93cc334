/** `weft plan`: what applying the files would do, and to whom. */
import { writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { exitCodes, problem, WeftError } from '../../base/index.ts'
import { type Command, text, texts } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'

export const allowOptions = [
  {
    flags: '--allow-breaking <subject>',
    what: 'allow what breaks the readers of this subject (repeat for more)',
    isList: true,
  },
  { flags: '--allow-removal <subject>', what: 'allow that this subject is removed (repeat for more)', isList: true },
  {
    flags: '--root <id>',
    what: 'only this root of the mesh (repeat for more); others stay as they were applied',
    isList: true,
  },
] as const

export const allowed = (values: Readonly<Record<string, unknown>>) => {
  const roots = texts(values.root)
  return {
    allowBreaking: texts(values.allowBreaking),
    allowRemoval: texts(values.allowRemoval),
    ...(roots.length === 0 ? {} : { roots }),
  }
}

export const plan: Command = {
  name: 'plan',
  summary: 'tell what applying the files would do, and to whom',
  about: 'A plan is kept and can be applied by its id. Nothing is changed by planning.',
  options: [
    ...allowOptions,
    {
      flags: '--base <ref>',
      what: 'what this branch changes against where it left another, from files and git alone',
    },
    { flags: '--out <file>', what: 'also write the plan here' },
    { flags: '--detailed-exitcode', what: 'exit with 2 where there are changes' },
    { flags: '--format <format>', what: 'text or markdown (text)' },
  ],
  examples: ['weft plan', 'weft plan --format markdown --base main > comment.md', 'weft plan --detailed-exitcode'],
  async run(cli, values) {
    const format = text(values.format) ?? 'text'
    if (format !== 'text' && format !== 'markdown') {
      throw new WeftError(
        'usage',
        problem(cliProblems, 'usage.wrong-value', `no format is called "${format}"`, {
          found: format,
          expected: 'text, markdown',
        }),
      )
    }
    const base = text(values.base)
    const platform = await cli.platform(base === undefined ? { warm: true } : {})
    const { branchPlanOperation, createPlanOperation, planMarkdown } = await import('../../planner/index.ts')
    const answer =
      base === undefined
        ? await platform.ask(createPlanOperation, allowed(values))
        : { ...(await platform.ask(branchPlanOperation, { ...allowed(values), base })), file: undefined }
    const { plan: made, file, warnings } = answer
    const out = text(values.out)
    if (out !== undefined) await writeFile(out, `${JSON.stringify({ schema: 'weft.plan/1', ...made }, null, 1)}\n`)
    const hasChanges = made.changes.length > 0 || made.steps.length > 0
    const code = made.blocked.length > 0 ? exitCodes.blocked : values.detailedExitcode === true && hasChanges ? 2 : 0
    if (cli.isJson) {
      const { ok: _, ...rest } = { ok: true, ...made }
      cli.document('plan', rest, [...made.blocked, ...warnings])
      return code
    }
    if (format === 'markdown') {
      cli.terminal.out.write(planMarkdown(made, warnings))
      return code
    }
    const { printPlan } = await import('../show-plan.ts')
    printPlan(cli.terminal, made, { steps: cli.isVerbose })
    await cli.problems([...made.blocked, ...warnings.filter(it => it.code === 'contract.version-too-low')])
    const saved = out ?? file
    if (saved !== undefined) cli.terminal.remark(`Saved as ${relative(process.cwd(), saved) || saved}`)
    if (file === undefined) await cli.problems(warnings.filter(it => it.code.startsWith('plan.')))
    else if (made.blocked.length === 0 && hasChanges) cli.terminal.remark(`next  weft apply ${made.id}`)
    return code
  },
}
