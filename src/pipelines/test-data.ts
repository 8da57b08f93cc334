/** `weft test`: the checks of contracts on what is served, or on a file with nothing applied. */
import { readDataset } from '../access/index.ts'
import { type OperationContext, type Problem, problem } from '../base/index.ts'
import { datasets, type Mesh } from '../domain/index.ts'
import type { Session } from '../engine/index.ts'
import type { CheckResult } from './measure/result.ts'
import { chooseProducts, type TestParts } from './operations.ts'
import { pipelineProblems } from './problems.ts'
import { checksOf, type ReadFile, testFile } from './test-file.ts'

export interface TestInput {
  readonly selectors: readonly string[]
  readonly data?: string | undefined
}

export interface Tested {
  readonly checks: readonly CheckResult[]
  readonly problems: readonly Problem[]
  /** What became of the lines of a file. */
  readonly read?: ReadFile
}

/** Verdicts of all rules, in the order of the contracts. A dataset that has nothing published is a warning. */
export const testData = async (
  parts: TestParts,
  input: TestInput,
  signal: AbortSignal,
  progress: OperationContext<unknown>['progress'],
): Promise<Tested> => {
  const mesh = await parts.mesh()
  const engine = await parts.engine()
  const nowMs = parts.effects.now().getTime()
  const limits = await parts.limits()
  const session = await engine.open({
    memory: limits.runMemory,
    threads: limits.runThreads,
    scratch: parts.scratch,
    signal,
  })
  try {
    return input.data === undefined
      ? await testServed(nowMs, parts, mesh, session, input.selectors, progress)
      : await testFile({ nowMs, parts, mesh, session, signal, limits }, input.selectors, input.data)
  } finally {
    await session.close()
  }
}

const testServed = async (
  nowMs: number,
  parts: TestParts,
  mesh: Mesh,
  session: Session,
  selectors: readonly string[],
  progress: OperationContext<unknown>['progress'],
): Promise<Tested> => {
  const { store, env, storageOf } = await parts.runs()
  const served = (subject: string) => readDataset({ db: store.db, env, mesh, storages: storageOf, dataset: subject })
  const all = datasets(mesh)
  const exact = selectors.flatMap(word => (all.has(word) ? [word] : []))
  const products = new Set(exact.length === selectors.length && exact.length > 0 ? [] : chooseProducts(mesh, selectors))
  const checks: CheckResult[] = []
  const problems: Problem[] = []
  for (const { product, dataset } of all.values()) {
    if (!products.has(product.subject) && !exact.includes(dataset.subject)) continue
    const relation = await served(dataset.subject)
    if (relation === undefined) {
      problems.push(
        problem(pipelineProblems, 'port.nothing-published', `${dataset.subject} has nothing published`, {
          subject: dataset.subject,
          severity: 'warning',
        }),
      )
      continue
    }
    const found = await checksOf(nowMs, session, dataset, relation, served)
    checks.push(...found)
    const bad = found.filter(it => it.state !== 'passed')
    progress({
      subject: dataset.subject,
      activity: 'test',
      state: bad.some(it => it.severity === 'error') ? 'failed' : 'done',
      done: found.length - bad.length,
      total: found.length,
      unit: 'checks',
    })
  }
  return { checks, problems }
}
