/** What service levels ask of the instants in the rows. Source: ODCS 3.2.0, section SLA. Pure. */
import { parseDuration } from '../../base/index.ts'
import type { Definition } from '../definition.ts'
import type { ContractDocument, DatasetDocument, PromiseDocument } from './documents.ts'
import { type Rule, type RuleTest, rule } from './rule.ts'

/** Promises about instants in the rows: they warn, because time passing is no fault of the rows (see docs/decisions). */
export const promiseRules = (contract: ContractDocument, dataset: DatasetDocument, at: Definition['at']): Rule[] =>
  (contract.slaProperties ?? []).flatMap((promise, index) => {
    const kind = promiseKinds[promise.property.toLowerCase()]
    const ms = durationOf(promise)
    if (kind === undefined || ms === undefined) return []
    return columnsOf(promise, contract.slaDefaultElement, dataset.name).map(column => {
      const test: RuleTest = kind === 'frequency' ? { kind, column, maxGapMs: ms } : { kind, column, maxAgeMs: ms }
      const place = at(['slaProperties', index, 'value'])
      return rule(promise.id ?? `${column}.${kind}`, 'warning', 'timeliness', test, place, promise.description)
    })
  })

/** Names and abbreviations of the standard's periodic table, and those that tools use. */
const promiseKinds: Readonly<Record<string, 'freshness' | 'retention' | 'frequency'>> = {
  latency: 'freshness',
  ly: 'freshness',
  freshness: 'freshness',
  timeliness: 'freshness',
  retention: 'retention',
  re: 'retention',
  frequency: 'frequency',
  fy: 'frequency',
}

/** Elements are `dataset.column`, perhaps several between commas. */
const columnsOf = (promise: PromiseDocument, fallback: string | undefined, dataset: string): string[] =>
  (promise.element ?? fallback ?? '')
    .split(',')
    .map(it => it.trim())
    .flatMap(it => (it.startsWith(`${dataset}.`) ? [it.slice(dataset.length + 1)] : []))

const units: Readonly<Record<string, string>> = {
  day: 'd',
  days: 'd',
  hour: 'h',
  hours: 'h',
  hr: 'h',
  minute: 'min',
  minutes: 'min',
  m: 'min',
  sec: 's',
  second: 's',
  seconds: 's',
  week: 'w',
  weeks: 'w',
  month: 'mo',
  months: 'mo',
  yr: 'y',
  year: 'y',
  years: 'y',
}

/** In milliseconds; undefined where value and unit are no duration. A text may be one of ISO 8601 (`P1DT12H`), days where nothing says a unit. */
export const durationOf = ({ value, unit }: PromiseDocument): number | undefined => {
  const iso = typeof value === 'string' ? isoDuration(value) : undefined
  if (iso !== undefined) return iso
  const isBare = unit === undefined && /^\d+(\.\d+)?$/.test(String(value).trim())
  const short = unit === undefined ? (isBare ? 'd' : '') : (units[unit.toLowerCase()] ?? unit.toLowerCase())
  return parseDuration(`${value ?? ''}${short}`)
}

const isoParts = ['y', 'mo', 'w', 'd', 'h', 'min', 's']

const isoDuration = (text: string): number | undefined => {
  const match =
    /^P(?=.)(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?=.)(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/.exec(
      text.trim(),
    )
  if (match === null) return undefined
  const parts = isoParts.flatMap((unit, index) =>
    match[index + 1] === undefined ? [] : [parseDuration(`${match[index + 1]}${unit}`)],
  )
  return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum + part), 0)
}
