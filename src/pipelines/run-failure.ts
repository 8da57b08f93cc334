/** Why a run ended without a verdict. */
import { freeSpace, isDiskFull, type Problem, problem, WeftError } from '../base/index.ts'
import type { Product } from '../domain/index.ts'
import { pipelineProblems } from './problems.ts'
import type { RunLimits } from './run-limits.ts'

/** What went wrong, the reason first; an unknown error keeps its first line only, since the engine's further lines may show values. */
export const failuresOf = (
  error: unknown,
  product: Product,
  signal: AbortSignal,
  timedOut: boolean,
  limits: RunLimits,
  /** Where the run writes. */
  folders: readonly string[],
): readonly [Problem, ...Problem[]] => {
  const subject = product.subject
  if (signal.aborted)
    return [problem(pipelineProblems, 'run.cancelled', `the run of ${subject} was cancelled`, { subject })]
  if (timedOut)
    return [
      problem(pipelineProblems, 'run.out-of-time', `the run of ${subject} took longer than its limit`, {
        subject,
        expected: `at most ${limits.timeMs / 1000} s`,
        help: 'limits.runTime in pipeline.yaml',
      }),
    ]
  if (isDiskFull(error) || (error instanceof WeftError && /^(engine|storage)\.disk-full$/.test(error.code)))
    return [
      problem(pipelineProblems, 'run.disk-full', `the run of ${subject} found a disk full`, {
        subject,
        found: [...new Set(folders.map(freeSpace))].join('; '),
      }),
    ]
  if (!(error instanceof WeftError)) throw error
  if (error.code === 'engine.out-of-memory') {
    return [
      problem(pipelineProblems, 'run.out-of-memory', `the run of ${subject} needed more memory than its limit`, {
        subject,
        expected: `at most ${Math.round(limits.memory / 1024 ** 2)} MB`,
        help: 'limits.memory in pipeline.yaml',
      }),
    ]
  }
  const [first, ...more] = error.problems.map(it => ({ subject, ...it }))
  return first === undefined
    ? [problem(pipelineProblems, 'run.model-failed', error.message, { subject })]
    : [first, ...more]
}
