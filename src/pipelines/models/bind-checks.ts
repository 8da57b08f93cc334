/** Checks of type sql bound against the columns of their dataset, without data: a misspelt column is found before anything runs. */
import { type Cache, didYouMean, hashText, type Place, type Problem, plainPlace, problem } from '../../base/index.ts'
import { type Dataset, datasets, type Mesh, type Rule } from '../../domain/index.ts'
import { type Session, StatementError } from '../../engine/index.ts'
import { readableCheck } from '../measure/sql-check.ts'
import { shapeOf } from './known-models.ts'
import { modelProblems } from './problems.ts'

const table = '__checked'

export interface CheckTask {
  readonly dataset: Dataset
  readonly rules: readonly Rule[]
  readonly key: string
}

/** The datasets with checks of type sql that the cache does not know to be all right. */
export const checkTasks = (mesh: Mesh, cache: Cache): CheckTask[] =>
  [...datasets(mesh).values()].flatMap(({ dataset }) => {
    const rules = dataset.rules.filter(rule => rule.test.kind === 'sql')
    if (rules.length === 0) return []
    const key = hashText(JSON.stringify(['checks', shapeOf(dataset), rules.map(it => it.test)]))
    return cache.get(key) === true ? [] : [{ dataset, rules, key }]
  })

export const bindChecks = async (session: Session, tasks: readonly CheckTask[], cache: Cache): Promise<Problem[]> => {
  const problems: Problem[] = []
  for (const { dataset, rules, key } of tasks) {
    await session.define([table], { kind: 'empty', columns: dataset.columns.map(({ name, type }) => ({ name, type })) })
    const own: Problem[] = []
    for (const rule of rules) own.push(...(await bindCheck(session, dataset, rule)))
    if (own.length === 0) cache.set(key, true)
    problems.push(...own)
  }
  return problems
}

const bindCheck = async (session: Session, dataset: Dataset, rule: Rule): Promise<Problem[]> => {
  if (rule.test.kind !== 'sql') return []
  const { query, column } = rule.test
  const check = await readableCheck(session, table, query, column)
  const subject = dataset.subject
  if (!check.ok) {
    const message = `the check ${rule.id}: ${check.reason}`
    return [problem(modelProblems, 'sql.not-allowed', message, { place: rule.place, subject })]
  }
  try {
    await session.describe(check.text)
    return []
  } catch (error) {
    if (!(error instanceof StatementError)) throw error
    const name = /"([^"]+)"/.exec(error.engineMessage)?.[1]
    const isColumn = name !== undefined && /column/i.test(error.engineMessage)
    const names = dataset.columns.map(it => it.name)
    const message = isColumn
      ? `the check ${rule.id} names a column "${name}" that ${dataset.name} does not have`
      : `the check ${rule.id}: ${error.engineMessage}`
    return [
      problem(modelProblems, isColumn ? 'sql.unknown-column' : 'sql.does-not-bind', message, {
        place: isColumn ? inQuery(rule.place, query, name) : rule.place,
        found: name,
        expected: isColumn ? names.join(', ') : undefined,
        help: name === undefined ? undefined : didYouMean(name, names),
        subject,
      }),
    ]
  }
}

/** The place of a name in a query that stands in quotes on one line; else that of the query. */
const inQuery = (place: Place, query: string, name: string): Place => {
  const index = query.search(new RegExp(`\\b${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\b`))
  const quotes = place.endLine === place.line && (place.endColumn ?? 0) - place.column === query.length + 2 ? 1 : 0
  if (index < 0 || place.endLine !== place.line) return place
  const column = place.column + quotes + index
  return { ...plainPlace(place), column, endColumn: column + name.length }
}
