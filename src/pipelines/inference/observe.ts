/** What the values of each column look like, counted in a few passes over a table in the engine. */
import { quoteName, quoteText, type Session } from '../../engine/index.ts'
import { formatPattern } from '../measure/formats.ts'

/** Counts of non-null values that look like something, and what belongs to them. Zero where it does not apply. */
export interface ColumnFacts {
  readonly name: string
  /** As the engine sees the column; VARCHAR for everything of a CSV file. */
  readonly type: string
  /** A text only because its format knows nothing else. */
  readonly isUntyped: boolean
  readonly rows: number
  readonly filled: number
  readonly distinct: number
  readonly whole: number
  /** `007`: a code, no number. */
  readonly leadingZeros: number
  readonly decimals: number
  readonly commaDecimals: number
  readonly commaThousands: number
  readonly pointThousands: number
  readonly floats: number
  readonly digits: number
  readonly scale: number
  readonly commaScale: number
  readonly booleans: number
  readonly isoDates: number
  readonly isoTimestamps: number
  readonly zoned: number
  readonly negative: number
  /** By strptime format. */
  readonly otherDates: Readonly<Record<string, number>>
  /** By name of the format: email, uuid, ... */
  readonly formats: Readonly<Record<string, number>>
  /** All values with how often each is there, where there are few. */
  readonly values?: readonly { readonly value: string; readonly count: number }[]
}

const columnsPerStatement = 40
const valuesMax = 12

const dateFormats = ['%d/%m/%Y', '%m/%d/%Y', '%d.%m.%Y', '%Y/%m/%d', '%d-%m-%Y', '%m-%d-%Y', '%d-%b-%Y', '%Y%m%d']
const times = ['', ' %H:%M', ' %H:%M:%S']
/** Formats of days and instants that are no ISO 8601, the likelier first. */
export const momentFormats: readonly string[] = dateFormats.flatMap(date => times.map(time => date + time))

export const textFormats = ['uuid', 'email', 'url', 'ipv4'] as const

/** Names may not be trusted in SQL: every column has an alias by its position. */
type Aggregate = readonly [keyof ColumnFacts, (value: string) => string]

const matches = (pattern: string) => (value: string) => `count_if(regexp_full_match(${value}, ${quoteText(pattern)}))`

const number = '([0-9]+[.]?[0-9]*|[.][0-9]+)'
const isoDate = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const isoTime = '[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?'
const zone = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)'

const ofText: readonly Aggregate[] = [
  ['whole', matches('[+-]?[0-9]+([.]0)?')],
  ['leadingZeros', matches('[+-]?0[0-9].*')],
  ['decimals', matches(`[+-]?${number}`)],
  ['commaDecimals', matches('[+-]?[0-9]+(,[0-9]+)?')],
  ['commaThousands', matches('[+-]?[0-9]{1,3}([.][0-9]{3})*(,[0-9]+)?')],
  ['pointThousands', matches('[+-]?[0-9]{1,3}(,[0-9]{3})*([.][0-9]+)?')],
  ['floats', matches(`[+-]?${number}([eE][+-]?[0-9]+)?`)],
  ['digits', value => `coalesce(max(length(regexp_extract(${value}, '^[+-]?([0-9]*)', 1))), 0)`],
  ['scale', value => `coalesce(max(length(regexp_extract(${value}, '[.]([0-9]+)$', 1))), 0)`],
  ['commaScale', value => `coalesce(max(length(regexp_extract(${value}, ',([0-9]+)$', 1))), 0)`],
  ['booleans', value => `count_if(lower(${value}) in ('true', 'false'))`],
  [
    'isoDates',
    value => `count_if(regexp_full_match(${value}, '${isoDate}') and try_cast(${value} as date) is not null)`,
  ],
  [
    'isoTimestamps',
    value =>
      `count_if(regexp_full_match(${value}, '${isoDate}${isoTime}${zone}?') and try_cast(${value} as timestamptz) is not null)`,
  ],
  ['zoned', matches(`${isoDate}${isoTime}${zone}`)],
  ['negative', value => `count_if(try_cast(replace(${value}, ',', '.') as double) < 0)`],
]

const ofNumber: readonly Aggregate[] = [['negative', value => `count_if(cast(${value} as double) < 0)`]]
const isNumber = (type: string): boolean => /INT(EGER)?$|^DECIMAL|^DOUBLE$|^FLOAT$/.test(type)

/** Values that can be compared and counted one by one. */
export const isPlain = (type: string): boolean => !/[[(]/.test(type.replace(/^DECIMAL\(.*\)$/, '')) && type !== 'BLOB'

/** The first rows answer most questions already: what not even they agree on is not asked of all rows. */
const rowsOfHead = 10_000

/** Of all columns of a table that the session knows by this name. */
export const observe = async (
  session: Session,
  table: string,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<ColumnFacts[]> => {
  const facts: ColumnFacts[] = []
  for (let from = 0; from < columns.length; from += columnsPerStatement)
    facts.push(...(await observePart(session, table, columns.slice(from, from + columnsPerStatement))))
  return facts
}

interface Question {
  readonly key: string
  readonly sql: string
  /** A count of values that is of use only where it counts all of them. */
  readonly isOfAll: boolean
}

const observePart = async (
  session: Session,
  table: string,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<ColumnFacts[]> => {
  const all = columns.flatMap(questionsOf)
  const ask = async (questions: readonly Question[], from: string): Promise<Readonly<Record<string, unknown>>> => {
    const [row = {}] = await session.rows(
      `select count(*) as n, ${questions.map(it => `${it.sql} as ${quoteName(it.key)}`).join(', ')} from ${from}`,
    )
    return row
  }
  const head = await ask(all, `(from ${table} limit ${rowsOfHead})`)
  const isOpen = (it: Question): boolean =>
    !it.isOfAll || Number(head[it.key]) === Number(head[`${it.key.split('.')[0]}.filled`])
  const counts = await ask(all.filter(isOpen), table)
  return Promise.all(
    columns.map(async ({ name, type }, index): Promise<ColumnFacts> => {
      const of = (key: string): number => Number(counts[`${index}.${key}`] ?? 0)
      const named = (kind: string, names: readonly string[]): Record<string, number> =>
        Object.fromEntries(names.map(it => [it, of(`${kind}.${it}`)]))
      const distinct = of('distinct')
      const isFew = type === 'VARCHAR' && distinct > 0 && distinct <= valuesMax
      return {
        name,
        type,
        isUntyped: false,
        rows: Number(counts.n ?? 0),
        filled: of('filled'),
        distinct,
        whole: of('whole'),
        leadingZeros: of('leadingZeros'),
        decimals: of('decimals'),
        commaDecimals: of('commaDecimals'),
        commaThousands: of('commaThousands'),
        pointThousands: of('pointThousands'),
        floats: of('floats'),
        digits: of('digits'),
        scale: of('scale'),
        commaScale: of('commaScale'),
        booleans: of('booleans'),
        isoDates: of('isoDates'),
        isoTimestamps: of('isoTimestamps'),
        zoned: of('zoned'),
        negative: of('negative'),
        otherDates: named('moment', momentFormats),
        formats: named('format', textFormats),
        ...(isFew ? { values: await fewValues(session, table, name) } : {}),
      }
    }),
  )
}

/** Columns stand in answers by their position: a name may be anything. */
const questionsOf = (
  { name, type }: { readonly name: string; readonly type: string },
  index: number,
): readonly Question[] => {
  const value = quoteName(name)
  const text = type === 'DOUBLE' ? `cast(${value} as varchar)` : value
  const asked = (key: string, sql: string, isOfAll = false): Question => ({ key: `${index}.${key}`, sql, isOfAll })
  const isCompact = /da(y|te)|_on$|_dt$|tag|jour|fecha/i.test(name)
  const formats = momentFormats.filter(format => isCompact || !format.startsWith('%Y%m'))
  return [
    asked('filled', `count(${value})`),
    ...(isPlain(type) ? [asked('distinct', `count(distinct ${value})`)] : []),
    ...aggregatesOf(type).map(([key, sql]) => asked(key, sql(text), ofAllValues.has(key))),
    ...(type === 'VARCHAR'
      ? [
          ...formats.map(it =>
            asked(`moment.${it}`, `count_if(try_strptime(${value}, ${quoteText(it)}) is not null)`, true),
          ),
          ...textFormats.map(it =>
            asked(`format.${it}`, `count_if(regexp_matches(${value}, ${quoteText(formatPattern(it) ?? '.*')}))`, true),
          ),
        ]
      : []),
  ]
}

const ofAllValues: ReadonlySet<string> = new Set([
  'whole',
  'decimals',
  'commaDecimals',
  'commaThousands',
  'pointThousands',
  'floats',
  'booleans',
  'isoDates',
  'isoTimestamps',
])

/** Floating point numbers of JSON are looked at as texts too: most are decimals that nobody declared. */
const aggregatesOf = (type: string): readonly Aggregate[] => {
  if (type === 'VARCHAR') return ofText
  if (type === 'DOUBLE') return [...ofText.filter(([key]) => key !== 'negative'), ...ofNumber]
  return isNumber(type) ? ofNumber : []
}

const fewValues = async (
  session: Session,
  table: string,
  name: string,
): Promise<{ readonly value: string; readonly count: number }[]> => {
  const value = quoteName(name)
  const rows = await session.rows(
    `select ${value} as value, count(*) as n from ${table} where ${value} is not null group by all order by value`,
  )
  return rows.map(row => ({ value: String(row.value), count: Number(row.n) }))
}
