/** Changes of service levels (`slaProperties`). Source: ODCS 3.2.0, section SLA. Pure. */
import { canonicalJson } from '../../base/index.ts'
import type { PromiseDocument } from '../contract/documents.ts'
import { durationOf } from '../contract/promise-rule.ts'
import { type ContractSide, type Found, shown } from './change.ts'
import { pairBy } from './pair-by.ts'
import type { ChangeRuleId } from './rules.ts'

/** Which way is better for readers, by the names and abbreviations of the standard's periodic table. */
const better: Readonly<Record<string, 'less' | 'more'>> = {
  latency: 'less',
  ly: 'less',
  freshness: 'less',
  timeliness: 'less',
  frequency: 'less',
  fy: 'less',
  errorrate: 'less',
  er: 'less',
  timetodetect: 'less',
  td: 'less',
  timetonotify: 'less',
  tn: 'less',
  timetorepair: 'less',
  tr: 'less',
  timeofavailability: 'less',
  generalavailability: 'less',
  ga: 'less',
  availability: 'more',
  av: 'more',
  throughput: 'more',
  th: 'more',
  retention: 'more',
  re: 'more',
  endofsupport: 'more',
  es: 'more',
  endoflife: 'more',
  el: 'more',
}

interface Placed {
  readonly it: PromiseDocument
  readonly place: Found['place']
}

export const promiseChanges = (before: ContractSide, after: ContractSide): Found[] => {
  const [old, now] = [placed(before), placed(after)]
  const pairs: (readonly [Placed, Placed])[] = []
  const ways: ((it: PromiseDocument) => string)[] = [
    it => it.id ?? '',
    it => `${it.property.toLowerCase()} ${it.element ?? ''}`,
    it => it.property.toLowerCase(),
  ]
  const left = new Set(old)
  const open = new Set(now)
  for (const way of ways)
    pairBy(
      left,
      open,
      one => way(one.it) || undefined,
      (from, to) => pairs.push([from, to]),
    )
  return [
    ...pairs.flatMap(([from, to]) => changed(from, to)),
    ...[...left].map(
      (one): Found => ({
        ...common(one),
        rule: 'promise.removed',
        change: 'removed',
        detail: `${one.it.property} is no longer promised`,
        from: saidValue(one.it),
      }),
    ),
    ...[...open].map(
      (one): Found => ({
        ...common(one),
        rule: 'promise.added',
        change: 'added',
        detail: `${one.it.property} is promised now`,
        to: saidValue(one.it),
      }),
    ),
  ]
}

const placed = ({ document, at }: ContractSide): Placed[] =>
  (document.slaProperties ?? []).map((it, index) => ({ it, place: at(['slaProperties', index]) }))

const common = ({ it, place }: Placed) => ({ kind: 'promise' as const, name: `#${it.id ?? it.property}`, place })

const saidValue = (it: PromiseDocument): string =>
  [it.value, it.valueExt, it.unit].filter(part => part !== undefined && part !== null).join(' ')

const changed = (from: Placed, to: Placed): Found[] => {
  const base = { ...common(to), change: 'changed' as const, from: saidValue(from.it), to: saidValue(to.it) }
  const { property } = to.it
  const measured = (it: PromiseDocument): string =>
    canonicalJson([it.property.toLowerCase(), it.value, it.valueExt, it.unit, it.element, it.schedule, it.scheduler])
  if (measured(from.it) === measured(to.it)) {
    if (canonicalJson(from.it) === canonicalJson(to.it)) return []
    const { from: _, to: __, ...rest } = base
    return [{ ...rest, rule: 'words', detail: `changed: words of ${property}` }]
  }
  const rule = ruleOf(from.it, to.it)
  if (rule === undefined) {
    const { from: _, to: __, ...rest } = base
    return [{ ...rest, rule: 'words', detail: `${property} is said in another unit` }]
  }
  return [{ ...base, rule, detail: `${property} ${shown(saidValue(from.it))} -> ${shown(saidValue(to.it))}` }]
}

/** Undefined where both promise the same. */
const ruleOf = (from: PromiseDocument, to: PromiseDocument): ChangeRuleId | undefined => {
  const way = better[to.property.toLowerCase()]
  const isOther = (['element', 'schedule', 'scheduler', 'valueExt'] as const).some(key => from[key] !== to[key])
  const [a, b] = [sizeOf(from), sizeOf(to)]
  const isComparable = a !== undefined && b !== undefined && a.kind === b.kind
  if (way === undefined || isOther || !isComparable) return 'promise.changed'
  if (a.size === b.size) return undefined
  const isBetter = way === 'less' ? b.size < a.size : b.size > a.size
  if (!isBetter && /^re(tention)?$/i.test(to.property)) return 'retention.shortened'
  return isBetter ? 'promise.tightened' : 'promise.loosened'
}

/** A duration in milliseconds, a day or a time of day, else a number in its unit. */
const sizeOf = (it: PromiseDocument): { readonly kind: string; readonly size: number } | undefined => {
  const text = String(it.value ?? '')
  if (/^\d{4}-\d\d-\d\d/.test(text)) return { kind: 'moment', size: Date.parse(text) }
  const clock = /^(\d\d):(\d\d)/.exec(text)
  if (clock !== null) return { kind: 'clock', size: Number(clock[1]) * 60 + Number(clock[2]) }
  const ms = it.unit === undefined ? undefined : durationOf(it)
  if (ms !== undefined) return { kind: 'duration', size: ms }
  return /^-?\d+(\.\d+)?$/.test(text) ? { kind: it.unit ?? '', size: Number(text) } : undefined
}
