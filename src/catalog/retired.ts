/** Ports that are no longer: what is left of them to tell. */
import { problem, WeftError } from '../base/index.ts'
import type { Db } from '../store/index.ts'
import { catalogProblems } from './problems.ts'

/** Where to go instead of a retired port, or of a part of it; undefined where the word means none. */
export const retiredError = async (db: Db, env: string, word: string): Promise<WeftError | undefined> => {
  const parts = word.split('.')
  // A port is the whole of the word, or what it begins with: `<domain>.<product>.<port>.v1.<dataset>`.
  const ports = parts.map((_, index) => parts.slice(0, index + 1).join('.'))
  const found = await db
    .selectFrom('tombstone')
    .select(['port', 'at', 'by', 'successor', 'reason'])
    .where('env', '=', env)
    .where('revived_at', 'is', null)
    .where('port', 'in', ports)
    .orderBy('at', 'desc')
    .executeTakeFirst()
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
