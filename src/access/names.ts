/** How readers name datasets in SQL: `<domain>.<product>.<dataset>` with `-` as `_`, `<product>_v2` for a named major. Pure. */
import { nearest } from '../base/index.ts'

/** A dataset's subject in its parts: `sales.shop-orders.orders.v2.order_lines`. */
export interface DatasetAddress {
  readonly domain: string
  readonly product: string
  readonly port: string
  readonly major: number
  readonly dataset: string
}

/** The parts of a dataset's subject; undefined where it is none of an output port. */
export const parseAddress = (subject: string): DatasetAddress | undefined => {
  const match = /^([^.]+)\.([^.]+)\.([^.]+)\.v(\d+)\.(.+)$/.exec(subject)
  if (match === null) return undefined
  const [, domain = '', product = '', port = '', major = '', dataset = ''] = match
  return { domain, product, port, major: Number(major), dataset }
}

const word = (slug: string): string => slug.replaceAll('-', '_').toLowerCase()

/** The reader's name without a major: `sales.shop_orders.order_lines`. */
export const readerName = (subject: string): string => {
  const at = parseAddress(subject)
  return at === undefined ? subject : `${word(at.domain)}.${word(at.product)}.${at.dataset}`
}

/** The reader's name with the major: `sales.shop_orders_v2.order_lines`. */
export const majorReaderName = (subject: string): string => {
  const at = parseAddress(subject)
  return at === undefined ? subject : `${word(at.domain)}.${word(at.product)}_v${at.major}.${at.dataset}`
}

/**
 * The dataset that a reader's name means among the subjects given; undefined where none does.
 * A bare name is the newest major that has the dataset, `<product>_v2` exactly that one. Letters' case does not count, as in SQL.
 */
export const findByReaderName = (parts: readonly string[], subjects: Iterable<string>): string | undefined => {
  if (parts.length !== 3) return undefined
  const [domain = '', product = '', dataset = ''] = parts.map(part => part.toLowerCase())
  const named = /^(.+)_v(\d+)$/.exec(product)
  let best: { subject: string; major: number; bare: boolean } | undefined
  for (const subject of subjects) {
    const at = parseAddress(subject)
    if (at === undefined || word(at.domain) !== domain || at.dataset.toLowerCase() !== dataset) continue
    const bare = word(at.product) === product
    const exact = named !== null && word(at.product) === named[1] && at.major === Number(named[2])
    if (!bare && !exact) continue
    // A product whose own name ends in _v2 comes before the major of another.
    if (best === undefined || (bare && !best.bare) || (bare === best.bare && at.major > best.major))
      best = { subject, major: at.major, bare }
  }
  return best?.subject
}

/** The nearest of the readers' names, whole or by its last part alone; undefined where none is near. */
export const nearestReaderName = (parts: readonly string[], subjects: Iterable<string>): string | undefined => {
  const names = [...new Set([...subjects].map(readerName))]
  const whole = nearest(parts.join('.'), names)
  if (whole !== undefined) return whole
  const last = parts.at(-1) ?? ''
  const byDataset = new Map(names.map(name => [name.split('.').at(-1) ?? '', name]))
  const near = nearest(last, byDataset.keys())
  return near === undefined ? undefined : byDataset.get(near)
}
