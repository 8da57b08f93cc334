/** Names as SQL is glad of, from whatever a file calls things. Pure. */
import { isReserved, slugOf } from '../../domain/index.ts'
import { distinctNames } from './sniff.ts'

/** `InvoiceNo` as `invoice_no`, `Größe (cm)` as `grosse_cm`. Letters of other scripts stay. */
export const snakeName = (name: string): string => {
  const words = name
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .normalize('NFC')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
  if (words === '') return 'column'
  const begun = /^\p{N}/u.test(words) ? `c_${words}` : words
  return isReserved(begun) ? `${begun}_value` : begun
}

const needsQuotes = (name: string): boolean =>
  isReserved(name) || !(/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || snakeName(name) === name)

/** Names as files have them where SQL takes them without quotes, each once; else such as SQL is glad of. */
export const plainNames = (names: readonly string[]): string[] =>
  distinctNames(names.map(name => (needsQuotes(name) ? snakeName(name) : name)))

/** Of several columns, each once. */
export const snakeNames = (names: readonly string[]): string[] => distinctNames(names.map(snakeName))

/** Folders that say how files are kept, not what they hold. */
const generic = new Set(
  'by-day by-month by-year daily monthly data file files raw csv json parquet input inputs export exports in out tmp temp download downloads day month'.split(
    ' ',
  ),
)

/** What files are about, as a slug: `orders-2024-01.csv.gz` is `orders`, `sales/by-day/*.csv` is `sales`. */
export const slugOfFiles = (pattern: string): string => {
  const parts = pattern.split(/[\\/]/).filter(part => part !== '' && part !== '.' && part !== '..')
  const stem = (parts.pop() ?? '').replace(/(\.(csv|tsv|txt|json|ndjson|jsonl|parquet|xlsx|gz|zst))+$/i, '')
  for (const part of [stem, ...parts.reverse()]) {
    if (part.includes('=')) continue
    const slug = slugOf(part.replace(/\d{4}([-_.]?\d{2}){0,2}|[*?{}[\]]+|[-_. ]\d+$/g, '-'))
    if (slug.length > 1 && !generic.has(slug)) return isReserved(slug) ? `${slug}-data` : slug
  }
  return 'source'
}
