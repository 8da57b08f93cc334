/** `weft query`: one SELECT over what is published. */
import { stat } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import type { Answer } from '../../access/index.ts'
import { problem, WeftError } from '../../base/index.ts'
import { type Cli, type Command, text, type Values } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'
import { count, duration, several, table } from '../terminal.ts'

const formats = ['table', 'csv', 'json', 'ndjson', 'parquet'] as const
type Format = (typeof formats)[number]

export const query: Command = {
  name: 'query',
  summary: 'ask one SELECT over what is published',
  about:
    'Datasets are named <domain>.<product>.<dataset>, with _ for -, and <product>_v2 for a named major version. Every question is audited.',
  arguments: [{ name: '[sql]', what: 'the statement; - or none reads it from stdin' }],
  options: [
    { flags: '--format <format>', what: 'table, csv, json, ndjson or parquet (table)' },
    { flags: '--out <file>', what: 'write here, whole or not at all' },
    { flags: '--limit <n>', what: 'at most so many rows (limits.queryRowsMax where they are printed or --json)' },
    { flags: '--at <when>', what: 'what was served at an instant, or by a snapshot' },
  ],
  examples: [
    'weft query "select country, sum(revenue) from finance.revenue.daily_revenue group by 1 order by 2 desc" --limit 5',
    'weft query "select * from customer.customer_360.customers" --format csv --out customers.csv',
  ],
  async run(cli, values) {
    const startedMs = performance.now()
    const format = formatOf(values)
    const limit = limitOf(values)
    const sql = await statementOf(values)
    const out = text(values.out) === undefined ? undefined : await writable(text(values.out) ?? '')
    if (format === 'parquet' && out === undefined) throw wrong('Parquet goes to a file', undefined, '--out FILE')
    const platform = await cli.platform({ warm: true })
    const { exportOperation, queryOperation } = await import('../../access/index.ts')
    const at = text(values.at)
    const question = {
      sql,
      ...(limit === undefined ? {} : { limit }),
      ...(at === undefined ? {} : { at }),
    }
    if (format === 'table' || (cli.isJson && out === undefined)) {
      const answer = await platform.ask(queryOperation, question)
      if (cli.isJson) cli.document('query', answer)
      else printAnswer(cli, answer, performance.now() - startedMs)
      return 0
    }
    const written = await platform.ask(exportOperation, {
      ...question,
      format,
      ...(out === undefined ? {} : { file: resolve(out) }),
    })
    if (out !== undefined || written.truncated)
      cli.terminal.remark(
        `${several(written.rows, 'row')}${written.truncated ? ', more were cut by --limit' : ''}, ${duration(performance.now() - startedMs)}`,
      )
    return 0
  },
}

const wrong = (message: string, found: string | undefined, expected: string): WeftError =>
  new WeftError('usage', problem(cliProblems, 'usage.wrong-value', message, { found, expected }))

/** As it is named; without a name that of the file. */
const formatOf = (values: Values): Format => {
  const out = text(values.out)
  const ending = out === undefined ? 'table' : extname(out).slice(1).toLowerCase()
  const named = text(values.format) ?? ending
  const format = formats.find(it => it === named || (named === 'jsonl' && it === 'ndjson'))
  if (format === undefined || (out !== undefined && format === 'table'))
    throw wrong(`no format of files is called "${named}"`, named, formats.filter(it => it !== 'table').join(', '))
  return format
}

const writable = async (out: string): Promise<string> => {
  const folder = dirname(resolve(out))
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true)
    throw wrong(`there is no folder ${folder}`, out, 'a file in a folder that is there')
  return out
}

const limitOf = (values: Values): number | undefined => {
  const written = text(values.limit)
  if (written === undefined) return undefined
  const limit = Number(written)
  if (!Number.isInteger(limit) || limit < 0) throw wrong('--limit takes a whole number', written, '0 or more')
  return limit
}

const statementOf = async (values: Values): Promise<string> => {
  const given = text(values.sql)
  const sql = given === undefined || given === '-' ? await textOf(process.stdin) : given
  if (sql.trim() === '') throw wrong('there is no statement', undefined, 'weft query "select ..."')
  return sql
}

const printAnswer = (cli: Cli, answer: Answer, ms: number): void => {
  const { print, remark, style, width } = cli.terminal
  const isNumber = (type: string): boolean => /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|DOUBLE|FLOAT)$/.test(type)
  const right = answer.columns.flatMap((column, index) => (isNumber(column.type) ? [index] : []))
  const rows = answer.rows.map(row => row.map((value, index) => shown(value, answer.columns[index]?.type ?? '')))
  const heads = answer.columns.map(column => column.name)
  // Cells are cut only where a line would not fit.
  const whole = Math.max(0, ...table(heads, rows, { widthMax: 400 }).map(line => line.length))
  const widthMax =
    whole <= width ? 400 : Math.max(12, Math.floor(width / Math.max(1, Math.min(4, answer.columns.length))))
  const [head = '', ...lines] = table(heads, rows, { right, widthMax })
  print(style(head, 'bold'))
  for (const line of lines) print(line)
  const more = answer.truncated
    ? `first ${count(answer.rowCount)} rows; --limit N shows more`
    : several(answer.rowCount, 'row')
  remark(style(`${more}, ${duration(ms)}`, 'dim'))
}

const shown = (value: unknown, type: string): string => {
  if (value === null) return 'NULL'
  if (typeof value === 'number' && /INT/.test(type)) return count(value)
  if (typeof value === 'string' && /^TIMESTAMP/.test(type)) return value.replace('T', ' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
