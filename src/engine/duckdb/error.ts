/** DuckDB's errors as ours. Messages at run time may hold row values: they are never passed on. */
import { problem, WeftError } from '../../base/index.ts'
import { engineProblems } from '../problems.ts'
import { StatementError } from '../statement-error.ts'

/** Marks a message that our own views raise with `error()`: what follows is safe to show. */
export const safeMark = 'weft:'

const bindTime = /^(Parser|Binder|Catalog|Syntax) Error/

/** Maps whatever DuckDB threw for a statement. `text` is the statement, to find the place in it. */
export const engineError = (error: unknown, text: string): unknown => {
  if (error instanceof WeftError || !(error instanceof Error)) return error
  const message = error.message.replace(/^Failed to [a-z ]+: (?=[A-Z])/, '')
  const errorClass = /^[A-Za-z][A-Za-z -]* Error|^INTERRUPT Error/.exec(message)?.[0] ?? 'Error'
  if (bindTime.test(message)) {
    const [first = ''] = message.slice(errorClass.length + 2).split('\n')
    return new StatementError(errorClass, first.trim(), placeIn(message, text), error)
  }
  if (/INTERRUPT/i.test(errorClass) || /interrupted/i.test(message))
    return failed('engine.interrupted', 'the statement was ended')
  if (/Out of Memory/i.test(errorClass)) {
    return /(No space left|temp_directory|max_temp_directory_size)/i.test(message) && /No space left/i.test(message)
      ? failed('engine.disk-full', 'the disk is full')
      : failed('engine.out-of-memory', 'the statement needed more memory than its limit')
  }
  if (/No space left on device/i.test(message)) return failed('engine.disk-full', 'the disk is full')
  const marked = message.indexOf(safeMark)
  if (marked >= 0)
    return failed('engine.bad-file', (message.slice(marked + safeMark.length).split('\n')[0] ?? '').trim())
  const unreadable = csvError(message) ?? jsonError(message)
  if (unreadable !== undefined) return failed('engine.bad-file', unreadable)
  if (/Permission Error/.test(errorClass)) return notAllowed()
  if (/^(IO|HTTP|Connection) Error/.test(errorClass)) return failed('engine.io', 'a file could not be read or written')
  const kind = errorClass.replace(/ ?Error$/, '').toLowerCase()
  return failed('engine.runtime', `${kind === '' ? '' : `${kind} `}error while the statement ran`)
}

export const notAllowed = (): WeftError =>
  failed('engine.runtime', 'the statement asks for something that is not allowed here')

const failed = (
  code:
    | 'engine.interrupted'
    | 'engine.out-of-memory'
    | 'engine.disk-full'
    | 'engine.io'
    | 'engine.bad-file'
    | 'engine.runtime',
  message: string,
): WeftError => new WeftError('failed', problem(engineProblems, code, message))

/** File, line and column name of a CSV error, without the line's text. */
const csvError = (message: string): string | undefined => {
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  const file = /^\s*file\s*=\s*(.+)$/m.exec(message)?.[1]?.split('/').at(-1)
  if (line === undefined) {
    // Line ends of two kinds in one file end here, without a line.
    return /CSV (Parser|Error)|Maximum line size/.test(message)
      ? `${file ?? 'a file'} is not CSV as declared`
      : undefined
  }
  const column = /Error when converting column "([^"]*)"/.exec(message)?.[1]
  const reason =
    column !== undefined
      ? `column ${column} is not of its declared type`
      : (/^(Expected Number of Columns: \d+ Found: \d+|Value with unterminated quote[^.]*|Missing Columns|.*unicode.*|.*utf-8.*)/im.exec(
          message,
        )?.[0] ?? 'the line cannot be read')
  return `${file ?? 'a file'}, line ${line}: ${reason}`
}

/** File and record of a JSON error; what its reason quotes of the record stays out. */
const jsonError = (message: string): string | undefined => {
  const tooLong = /"maximum_object_size" of (\d+) bytes exceeded while reading file "([^"]*)"/.exec(message)
  if (tooLong !== null) return `${fileOf(tooLong[2])} has a record of more than ${tooLong[1]} bytes`
  const found = /JSON[^"]* in file "([^"]*)",(?: at byte (\d+))? in (line|record\/value) (\d+): ([^.:"\n]*)/.exec(
    message,
  )
  if (found === null) return undefined
  const [, file, byte, unit, number, reason = ''] = found
  const what = byte === undefined ? 'a value is not of its declared type' : `byte ${byte} is no JSON (${reason.trim()})`
  return `${fileOf(file)}, ${unit === 'line' ? 'line' : 'record'} ${number}: ${what}`
}

const fileOf = (path: string | undefined): string => path?.split('/').at(-1) ?? 'a file'

/** DuckDB shows a window of the text with a caret below: the window is found again in the text. */
const placeIn = (message: string, text: string): number | undefined => {
  const lines = message.split('\n')
  const at = lines.findIndex(line => /^LINE \d+: /.test(line))
  const shown = lines[at]
  const caret = lines[at + 1]?.indexOf('^') ?? -1
  if (at < 0 || shown === undefined || caret < 0) return undefined
  const prefix = /^LINE (\d+): /.exec(shown)
  if (prefix === null) return undefined
  const window = shown
    .slice(prefix[0].length)
    .replace(/^\.\.\./, '')
    .replace(/\.\.\.$/, '')
  const skipped = prefix[0].length + (shown.slice(prefix[0].length).startsWith('...') ? 3 : 0)
  const textLines = text.split('\n')
  const number = Number(prefix[1])
  const before = textLines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0)
  const inLine = (textLines[number - 1] ?? '').indexOf(window.trimEnd())
  const offset = caret - skipped
  return inLine < 0 || offset < 0 ? undefined : before + inLine + offset
}
