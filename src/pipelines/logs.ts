/** What the runs of a product did, step by step, as the log of this project's runs has it. Needs neither the files nor the catalogue. */
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { type OperationContext, operation, problem, WeftError } from '../base/index.ts'
import { isNamed } from './cancel.ts'
import { pipelineProblems } from './problems.ts'

export interface LoggingParts {
  /** Oldest first; need not be there. */
  readonly logFiles: readonly string[]
}

const lineShape = z.looseObject({
  at: z.string(),
  level: z.string(),
  event: z.string(),
  product: z.string().optional(),
  run: z.string().optional(),
})

export type LogLine = z.output<typeof lineShape>

export interface LoggedRun {
  readonly id: string
  readonly product: string
  /** `running` where the log has no end of it: `weft runs` tells whether its process lives. */
  readonly state: string
  readonly startedAt: string
  readonly events: readonly LogLine[]
}

export const showLogs = operation({
  name: 'run.logs',
  effect: 'local',
  permission: 'product.read',
  summary: "Tells the steps of a product's last runs, from the log of this machine.",
  input: z.object({ product: z.string(), run: z.string().optional(), limit: z.int().min(1).max(1000).default(3) }),
  async run({ parts }: OperationContext<LoggingParts>, input): Promise<{ readonly runs: readonly LoggedRun[] }> {
    const { product, run, limit } = input
    const runs = new Map<string, LogLine[]>()
    for (const file of parts.logFiles)
      for (const line of await linesOf(file))
        if (line.run !== undefined && line.product !== undefined && isNamed(line.product, product))
          if (run === undefined || line.run === run) runs.set(line.run, [...(runs.get(line.run) ?? []), line])
    if (runs.size === 0)
      throw new WeftError(
        'usage',
        problem(pipelineProblems, 'run.not-logged', `the log has no run of "${product}"`, {
          found: run ?? product,
          help: 'weft runs',
        }),
      )
    return { runs: [...runs].slice(-limit).map(([id, events]) => loggedRun(id, events)) }
  },
})

const loggedRun = (id: string, events: readonly LogLine[]): LoggedRun => {
  const ended = events.findLast(it => it.event === 'run.ended')
  const begun = events.findLastIndex(it => it.event === 'run.started')
  // Tried again, it has an end before its last beginning.
  const isOver = ended !== undefined && events.lastIndexOf(ended) > begun
  return {
    id,
    product: events[0]?.product ?? '',
    state: isOver ? String(ended.state) : 'running',
    startedAt: events[0]?.at ?? '',
    events,
  }
}

/** The lines that can be read: the last one may be half written. */
const linesOf = async (path: string): Promise<LogLine[]> => {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return []
  const found: LogLine[] = []
  try {
    for await (const text of file.readLines()) {
      try {
        const line = lineShape.safeParse(JSON.parse(text)).data
        if (line !== undefined) found.push(line)
      } catch {
        // Cut off when its process was killed.
      }
    }
  } finally {
    await file.close()
  }
  return found
}
