/** Which partitions a person asks to have built again. Pure. */
import { z } from 'zod'
import { problem, WeftError } from '../base/index.ts'
import type { Mesh } from '../domain/index.ts'
import type { BuildInput } from './build.ts'
import { compareValues } from './incremental/decision.ts'
import { pipelineProblems } from './problems.ts'

/** The bounds, as an operation is given them. */
export const rangeInput = { from: z.string().optional(), to: z.string().optional() }

/** A range is one of moments where datasets are divided by them. */
export const againOf = (
  mesh: Mesh,
  products: readonly string[],
  { full, from, to }: { readonly full: boolean; readonly from?: string | undefined; readonly to?: string | undefined },
): BuildInput['again'] => {
  if (from === undefined && to === undefined) return full ? 'all' : 'none'
  const wrong = (message: string, found: string, expected: string): WeftError =>
    new WeftError('usage', problem(pipelineProblems, 'run.wrong-range', message, { found, expected }))
  if (full) throw wrong('a range and everything cannot be built at once', '--full', '--from and --to, or --full')
  const grains = products.flatMap(subject =>
    Object.values(mesh.products.get(subject)?.datasets ?? {}).flatMap(it => it.partition?.grain ?? []),
  )
  if (grains.length === 0)
    throw wrong(
      'none of these products has a dataset with partitions',
      products.join(', '),
      'materialization: partitioned',
    )
  const moment = /^\d{4}(-\d{2}(-\d{2}(T\d{2})?)?)?$/
  for (const bound of [from, to])
    if (bound !== undefined && !grains.includes('value') && !moment.test(bound))
      throw wrong('the bound of a range is no day', bound, 'a day, month or year, as 2011-03-04')
  if (from !== undefined && to !== undefined && compareValues(from, to) > 0)
    throw wrong('the range ends before it begins', `${from} to ${to}`, 'a bound --to that is not before --from')
  return { from, to }
}
