/** How a server says that its CSV is written. ODCS leaves a server's further options open: these names are taken from its `format` neighbours and from custom properties. */
import type { Server } from '../../domain/index.ts'
import type { CsvOptions } from '../../engine/index.ts'

/** The engine reads UTF-8 alone: files of another encoding are written anew for it. */
export interface CsvSource extends CsvOptions {
  readonly encoding?: string
}

const text = (server: Server, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = server.options[name]
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  }
  return undefined
}

const delimiters: Readonly<Record<string, string>> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|', '\\t': '\t' }

/** The options of a CSV file as a contract's server gives them. */
export const csvOptions = (server: Server): CsvSource => {
  const delimiter = text(server, 'delimiter', 'separator')
  const quote = text(server, 'quote', 'quoteChar')
  const escaping = text(server, 'escape', 'escapeChar')
  const header = text(server, 'header', 'hasHeader')
  const encoding = text(server, 'encoding')
  const nullText = text(server, 'nullText', 'nullValue')
  const decimalSeparator = text(server, 'decimalSeparator')
  const thousandsSeparator = text(server, 'thousandsSeparator')
  const trueText = text(server, 'trueText')
  const falseText = text(server, 'falseText')
  const dateFormat = text(server, 'dateFormat')
  const timestampFormat = text(server, 'timestampFormat')
  return {
    ...(delimiter === undefined ? {} : { delimiter: delimiters[delimiter] ?? delimiter }),
    ...(quote === undefined ? {} : { quote }),
    ...(escaping === undefined ? {} : { escape: escaping }),
    ...(header === undefined ? {} : { header: header !== 'false' && header !== 'no' }),
    ...(text(server, 'columnsBy') === 'position' ? { isByPosition: true } : {}),
    ...(encoding === undefined ? {} : { encoding }),
    ...(nullText === undefined ? {} : { nullText }),
    ...(decimalSeparator === undefined ? {} : { decimalSeparator }),
    ...(thousandsSeparator === undefined ? {} : { thousandsSeparator }),
    ...(trueText === undefined ? {} : { trueText }),
    ...(falseText === undefined ? {} : { falseText }),
    ...(dateFormat === undefined ? {} : { dateFormat }),
    ...(timestampFormat === undefined ? {} : { timestampFormat }),
  }
}
