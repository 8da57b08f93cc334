/** Ports that are no longer: what is left of them to tell. */
import { problem, WeftError } from '../base/index.ts'
import { readerParts } from '../domain/index.ts'
import type { Db } from '../store/index.ts'
import { catalogProblems } from './problems.ts'

/** A usage error that says where to go instead of a retired port or a part of it, by subject or by the name in SQL; undefined where the word means none. */
export const retiredError = async (db: Db, env: string, word: string): Promise<WeftError | undefined> => {
  const rows = await db
    .selectFrom('tombstone as t')
    .leftJoin('entity as e', join => join.onRef('e.parent_id', '=', 't.port_id').on('e.kind', '=', 'dataset'))
    .select(['t.port', 't.at', 't.by', 't.successor', 't.reason', 'e.subject as dataset'])
    .where('t.env', '=', env)
    .where('t.revived_at', 'is', null)
    .orderBy('t.at', 'desc')
    .execute()
  const meant = word.toLowerCase()
  const isMeant = (name: string): boolean => meant === name.toLowerCase() || meant.startsWith(`${name.toLowerCase()}.`)
  const found = rows.find(
    ({ port, dataset }) => isMeant(port) || (dataset !== null && isMeant(nameInSql(port, dataset))),
  )
  if (found === undefined) return undefined
  const { port, at, by, successor, reason } = found
  const why = reason === null ? '' : `: ${reason}`
  return new WeftError(
    'usage',
    problem(
      catalogProblems,
      'describe.retired',
      `${port} was retired on ${at.toISOString().slice(0, 10)} by ${by}${why}`,
      {
        found: word,
        ...(successor === null ? {} : { expected: successor, help: `see ${successor} instead` }),
      },
    ),
  )
}

/** `sales.shop_orders_v1.orders` of `sales.shop-orders.orders.v1.orders`. */
const nameInSql = (port: string, dataset: string): string => {
  const [domain = '', product = ''] = port.split('.')
  const major = port.slice(port.lastIndexOf('.') + 1)
  return readerParts(domain, `${product}_${major}`, dataset.slice(port.length + 1)).join('.')
}
