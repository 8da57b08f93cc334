/** Many expressions over one relation in one statement, so that each column is read once. */
import { WeftError } from '../../base/index.ts'
import type { Session, Value } from '../../engine/index.ts'

/** What the engine answered to an expression, or its refusal. */
export type Fact = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string }

export type Facts = (expression: string) => Fact

/** Refusals of one expression, which the others need not pay for. */
const refusals = new Set(['engine.sql', 'engine.runtime'])

/** Why the engine refused, in its words without a value; what is no refusal of a statement is thrown again. */
export const refusalOf = (error: unknown): string => {
  if (error instanceof WeftError && refusals.has(error.code))
    return `the engine could not evaluate it: ${error.message}`
  throw error
}

/**
 * Asks all aggregates at once. What is to be kept, by name, stays as columns of the one row of the table `<table>_facts`.
 * Where the engine refuses the statement, each expression is asked alone and the refusal is told of the one that it concerns.
 */
export const askAll = async (
  session: Session,
  table: string,
  expressions: ReadonlySet<string>,
  keep: Readonly<Record<string, string>> = {},
): Promise<Facts> => {
  const list = [...expressions]
  const isKeeping = Object.keys(keep).length > 0
  if (list.length === 0 && !isKeeping) return () => unasked
  try {
    const row = await askTogether(session, table, list, keep)
    return expression => {
      const index = list.indexOf(expression)
      return index < 0 ? unasked : { ok: true, value: row[`f${index}`] ?? null }
    }
  } catch (error) {
    refusalOf(error)
  }
  const facts = new Map<string, Fact>()
  for (const expression of list) facts.set(expression, await askOne(session, table, expression))
  if (isKeeping) await askTogether(session, table, [], keep)
  return expression => facts.get(expression) ?? unasked
}

const unasked: Fact = { ok: false, reason: 'it was not asked' }

const askTogether = async (
  session: Session,
  table: string,
  list: readonly string[],
  keep: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, Value>>> => {
  const selected = list.map((expression, index) => `${expression} as f${index}`)
  const kept = Object.entries(keep).map(([name, sql]) => `${sql} as ${name}`)
  if (kept.length === 0) return (await session.rows(`select ${selected.join(', ')} from ${table}`))[0] ?? {}
  const facts = factsTable(table)
  await session.run(
    `create or replace temp table ${facts} as select ${[...selected, ...kept].join(', ')} from ${table}`,
  )
  const names = list.map((_, index) => `f${index}`).join(', ')
  return (await session.rows(`select ${names === '' ? '0 as none' : names} from ${facts}`))[0] ?? {}
}

/** Where `askAll` leaves what is to be kept. */
export const factsTable = (table: string): string => `${table}_facts`

/** One aggregate in a statement of its own. */
export const askOne = async (session: Session, table: string, expression: string): Promise<Fact> => {
  try {
    const [row] = await session.rows(`select ${expression} as value from ${table}`)
    return { ok: true, value: row?.value ?? null }
  } catch (error) {
    return { ok: false, reason: refusalOf(error) }
  }
}
