/** Circles between datasets. Pure. */
import { type Problem, problem } from '../../base/index.ts'
import type { Model } from '../../domain/index.ts'
import type { BoundModel } from './bind.ts'
import { modelProblems } from './problems.ts'

/** One problem for each circle, told at its first dataset by name, with the whole way round. */
export const cycleProblems = (bound: readonly BoundModel[], models: readonly Model[]): Problem[] => {
  const files = new Map(models.map(model => [model.dataset, model.file]))
  const edges = new Map(
    bound.map(it => [it.dataset, [...new Set(it.reads.map(read => read.dataset))].filter(to => files.has(to)).sort()]),
  )
  const problems: Problem[] = []
  const done = new Set<string>()
  const told = new Set<string>()
  const visit = (dataset: string, way: readonly string[]): void => {
    const start = way.indexOf(dataset)
    if (start >= 0) {
      const circle = way.slice(start)
      const key = [...circle].sort().join(' ')
      if (!told.has(key)) {
        told.add(key)
        problems.push(circleProblem(circle, files))
      }
      return
    }
    if (done.has(dataset)) return
    for (const to of edges.get(dataset) ?? []) visit(to, [...way, dataset])
    done.add(dataset)
  }
  for (const dataset of [...edges.keys()].sort()) visit(dataset, [])
  return problems
}

const circleProblem = (circle: readonly string[], files: ReadonlyMap<string, string>): Problem => {
  const first = [...circle].sort()[0] ?? ''
  const turned = [...circle.slice(circle.indexOf(first)), ...circle.slice(0, circle.indexOf(first)), first]
  return problem(modelProblems, 'model.cycle', `datasets are made from one another in a circle`, {
    place: { file: files.get(first) ?? '', line: 1, column: 1 },
    found: turned.join(' reads '),
    subject: first,
  })
}
