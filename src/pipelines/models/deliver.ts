/** Whether what a model delivers is what its contract promises. Pure. */
import { didYouMean, type Place, type Problem, problem } from '../../base/index.ts'
import type { Dataset, Model } from '../../domain/index.ts'
import type { ColumnType } from '../../engine/index.ts'
import { modelProblems } from './problems.ts'

/** Where each delivered column stands in the SQL, by its position; undefined where a star or a set operation hides it. */
export type OutputPlace = (name: string) => Place

export const deliveryProblems = (
  model: Model,
  dataset: Dataset,
  delivered: readonly ColumnType[],
  place: OutputPlace,
): Problem[] => {
  const problems: Problem[] = []
  const byName = new Map(delivered.map(it => [it.name.toLowerCase(), it]))
  const promised = new Set(dataset.columns.map(it => it.name.toLowerCase()))
  const surplus = delivered.filter(it => !promised.has(it.name.toLowerCase()))
  const explained = new Set<string>()
  for (const column of dataset.columns) {
    const found = byName.get(column.name.toLowerCase())
    if (found === undefined) {
      const names = surplus.map(it => it.name)
      const near = didYouMean(column.name, names)
      const meant = near === undefined ? undefined : names.find(name => near.includes(`"${name}"`))
      if (meant !== undefined) explained.add(meant)
      problems.push(
        problem(modelProblems, 'model.missing-column', `the model does not deliver "${column.name}"`, {
          place: place(meant ?? ''),
          found: meant,
          expected: `${column.name} ${column.type}`,
          help:
            meant === undefined
              ? `${column.place.file}:${column.place.line} promises it`
              : `call it "${column.name}"; ${column.place.file}:${column.place.line} promises it`,
          subject: model.dataset,
        }),
      )
    } else if (!fits(found.type, column.type)) {
      problems.push(
        problem(
          modelProblems,
          'model.wrong-type',
          `"${column.name}" is ${found.type}, the contract says ${column.type}`,
          {
            place: place(found.name),
            found: found.type,
            expected: column.type,
            help: `cast it: ::${column.type.toLowerCase()}`,
            subject: model.dataset,
          },
        ),
      )
    }
  }
  for (const it of surplus) {
    if (explained.has(it.name)) continue
    problems.push(
      problem(modelProblems, 'model.surplus-column', `"${it.name}" is not in the contract and is not published`, {
        place: place(it.name),
        found: it.name,
        subject: model.dataset,
      }),
    )
  }
  return problems
}

const wholeOrder = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT']
const unsigned = ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT']

/** Whether values of one type become the other without losing anything; whole numbers may narrow, since a value that does not fit stops the build. */
export const fits = (from: string, to: string): boolean => {
  if (from === to || from === '"NULL"' || from === 'NULL' || to === 'JSON') return true
  const isWhole = (type: string): boolean => wholeOrder.includes(type) || unsigned.includes(type)
  if (isWhole(from))
    return isWhole(to) || to.startsWith('DECIMAL') || (to === 'DOUBLE' && /^U?(TINY|SMALL)?INT(EGER)?$/.test(from))
  const [a, b] = [decimal(from), decimal(to)]
  if (a !== undefined && b !== undefined) return b.scale >= a.scale
  if (from === 'FLOAT' && to === 'DOUBLE') return true
  if (from === 'DATE' && to === 'TIMESTAMP') return true
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(from) && /^TIMESTAMP(_S|_MS|_NS)?$/.test(to)) return true
  if (to === 'VARCHAR' && (from.startsWith('ENUM') || from === 'UUID' || from === 'JSON')) return true
  const [listFrom, listTo] = [inner(from), inner(to)]
  if (listFrom !== undefined && listTo !== undefined) return fits(listFrom, listTo)
  // Fields of structures and maps are compared by the engine when it casts.
  return sameShape(from, to)
}

const decimal = (type: string): { precision: number; scale: number } | undefined => {
  const match = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type)
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}

const inner = (type: string): string | undefined => /^(.*)\[\d*\]$/.exec(type)?.[1]

const sameShape = (from: string, to: string): boolean => {
  const kind = (type: string): string | undefined => /^(STRUCT|MAP)\(/.exec(type)?.[1]
  return kind(from) !== undefined && kind(from) === kind(to)
}
