/** The database's errors as ours, the same from both drivers. Its details, which may hold keys of rows, are dropped. */
import { problem, WeftError } from '../base/index.ts'
import { storeProblems } from './problems.ts'

/** unique_violation, serialization_failure, deadlock_detected (PostgreSQL, appendix A). */
const conflicts: readonly string[] = ['23505', '40001', '40P01']
const queryCanceled = '57014'
/** disk_full. */
const diskFull = '53100'
/** Classes of codes: connection exceptions, and what the server ends by itself (57P). */
const isLost = (code: string): boolean =>
  /^(08|57P)/.test(code) || /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND)/.test(code)

export const storeError = (found: { readonly message: string; readonly code?: string }): Error => {
  const { message, code = '' } = found
  const cause = new Error(message)
  if (conflicts.includes(code))
    return new WeftError(
      'blocked',
      problem(storeProblems, 'store.conflict', 'somebody else wrote the same thing first'),
      {
        cause,
      },
    )
  if (code === queryCanceled)
    return new WeftError(
      'failed',
      problem(storeProblems, 'store.timeout', 'a statement on the catalogue took too long'),
      {
        cause,
      },
    )
  if (code === diskFull || /No space left on device/i.test(message))
    return new WeftError('failed', problem(storeProblems, 'store.disk-full', 'the disk of the catalogue is full'), {
      cause,
    })
  if (isLost(code) || message === 'Connection terminated unexpectedly' || /not queryable/.test(message))
    return new WeftError('unreachable', problem(storeProblems, 'store.unreachable', "the catalogue's server is gone"), {
      cause,
    })
  return new Error(`catalogue: ${message}`)
}
