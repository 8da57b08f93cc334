/** A log of one JSON object a line. It is the first thing that is looked at and the last that may fail: a full disk ends no operation. */
import { appendFileSync } from 'node:fs'
import type { Log, LogFields } from './effects.ts'

/** Appends to the file that `path` names when the first line is written. */
export const fileLog = (path: () => string): Log => {
  let file: string | undefined
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      try {
        file ??= path()
        appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`, {
          mode: 0o600,
        })
      } catch {
        // Nobody could be told.
      }
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
