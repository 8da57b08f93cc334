/** Policies that keep rows for a time: whether the column that tells a row's age is one that every dataset they cover has, with instants in it. Pure. */
import { didYouMean, type Problem, problem } from '../base/index.ts'
import { type Column, type Mesh, validity } from '../domain/index.ts'
import { governanceProblems, type RowRule, rowRules } from '../governance/index.ts'
import { meshProblems } from './problems.ts'

export const rowRuleProblems = (mesh: Mesh): Problem[] => rowRules(mesh).flatMap(problemsOf)

const isMoment = ({ type }: Column): boolean => type === 'DATE' || type.startsWith('TIMESTAMP')

const problemsOf = ({ definition, index, by, covers }: RowRule): Problem[] => {
  const place = definition.at(['rules', index, 'by'])
  const columnOf = (it: RowRule['covers'][number]): Column | undefined =>
    it.dataset.columns.find(one => one.name === by)
  const found: Problem[] = []
  const [missing, ...others] = covers.filter(it => columnOf(it) === undefined)
  if (missing !== undefined) {
    const names = missing.dataset.columns.filter(isMoment).map(it => it.name)
    const more = others.length === 0 ? '' : `, nor have ${others.length} more that the rule covers`
    found.push(
      problem(meshProblems, 'mesh.unknown-column', `${missing.dataset.subject} has no column "${by}"${more}`, {
        place,
        found: by,
        expected: names.length === 0 ? 'a column of dates or timestamps' : names.join(', '),
        help: didYouMean(by, names) ?? 'say by `on` which datasets are meant',
      }),
    )
  }
  const wrong = covers.find(it => columnOf(it) !== undefined && !isMoment(columnOf(it) as Column)) // it was found just now
  if (wrong !== undefined) {
    found.push(
      problem(governanceProblems, 'policy.no-instant', `"${by}" of ${wrong.dataset.subject} tells the age of no row`, {
        place,
        found: columnOf(wrong)?.type,
        expected:
          wrong.dataset.columns
            .filter(isMoment)
            .map(it => `${it.name} ${it.type}`)
            .join(', ') || 'DATE or TIMESTAMP',
      }),
    )
  }
  const history = covers.find(
    ({ product, dataset }) => by === validity.from && product.datasets[dataset.subject]?.materialization === 'history',
  )
  if (history !== undefined) {
    found.push(
      problem(
        governanceProblems,
        'policy.no-instant',
        `${history.dataset.subject} keeps history, and what holds has no age`,
        {
          place,
          found: by,
          expected: validity.to,
          help: 'what began long ago may hold to this day; a row grows old from when it holds no longer',
        },
      ),
    )
  }
  return found
}
