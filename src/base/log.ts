/** A log of one JSON object a line. It is the first thing that is looked at and the last that may fail: a full disk ends no operation. */
import { appendFileSync, renameSync, statSync } from 'node:fs'
import type { Log, LogFields } from './effects.ts'

/** Appends to the file that `path` names when the first line is written. One that has grown too large is kept once, as `<name>.1.<ending>`. */
export const fileLog = (path: () => string, bytesMax = Number.POSITIVE_INFINITY): Log => {
  let file: string | undefined
  const open = (): string => {
    const found = path()
    if ((statSync(found, { throwIfNoEntry: false })?.size ?? 0) > bytesMax)
      renameSync(found, found.replace(/\.(\w+)$/, '.1.$1'))
    return found
  }
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      try {
        file ??= open()
        appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`, {
          mode: 0o600,
        })
      } catch {
        // Nobody could be told.
      }
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
