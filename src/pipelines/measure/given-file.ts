/** Parquet files that Weft has not written: whether they have the columns of the contract, with values that fit its types. */
import { nearest, problem, WeftError } from '../../base/index.ts'
import { engineProblems, quoteName, type Relation, type Session } from '../../engine/index.ts'
import { kindOf } from './column.ts'

/** Throws `engine.bad-file` where a column is missing, or a value would be another one in the contract's type. */
export const refuseUnfit = async (session: Session, table: string, relation: Relation): Promise<void> => {
  if (relation.kind !== 'parquet' || relation.files.length === 0) return
  const wanted = relation.columns?.filter(it => it.id === undefined) ?? []
  if (wanted.length === 0) return
  await session.define([table], { kind: 'parquet', files: relation.files })
  const found = await session.describe(`select * from ${table}`)
  const names = found.map(it => it.name)
  const missing = wanted.find(it => !names.some(name => name.toLowerCase() === it.name.toLowerCase()))
  if (missing !== undefined) {
    const near = nearest(missing.name, names)
    throw badFile(`the file has no column ${missing.name}`, {
      found: names.join(', '),
      expected: wanted.map(it => it.name).join(', '),
      help: near === undefined ? undefined : `did you mean "${near}"?`,
    })
  }
  const other = wanted.flatMap(({ name, type }) => {
    const held = found.find(it => it.name.toLowerCase() === name.toLowerCase())?.type ?? type
    return held === type ? [] : [{ name, type, held, sql: `count_if(${unfit(quoteName(name), held, type)})` }]
  })
  if (other.length === 0) return
  const [row] = await session.rows(
    `select ${other.map(({ sql }, index) => `${sql} as n${index}`).join(', ')} from ${table}`,
  )
  const first = other.find((_, index) => Number(row?.[`n${index}`] ?? 0) > 0)
  if (first === undefined) return
  throw badFile(`column ${first.name} holds values that are no ${first.type}`, {
    found: first.held,
    expected: first.type,
  })
}

const numbers = new Set(['whole', 'decimal'])

/** A text has to be readable; a number or a moment has to be the same one again when it is read back. */
const unfit = (column: string, held: string, type: string): string => {
  const cast = `try_cast(${column} as ${type})`
  const [from, to] = [kindOf(held), kindOf(type)]
  const isLossy =
    (numbers.has(to) && (numbers.has(from) || from === 'float')) || (from.endsWith('imestamp') && to === 'date')
  return `${column} is not null and ${isLossy ? `try_cast(${cast} as ${held}) is distinct from ${column}` : `${cast} is null`}`
}

const badFile = (message: string, details: { found: string; expected: string; help?: string | undefined }): WeftError =>
  new WeftError('failed', problem(engineProblems, 'engine.bad-file', message, details))
