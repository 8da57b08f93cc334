/** Where a port stands: draft, active, deprecated with a date and a successor, retired. Pure. */
import type { Mesh, OutputPort, Product } from './mesh.ts'

export interface Deprecation {
  /** Days of the calendar, ISO 8601. */
  readonly since?: string
  readonly until?: string
  /** The id of a contract, the subject of a port, or a URL. */
  readonly successor?: string
  readonly reason?: string
}

export interface PortLife {
  readonly status: 'draft' | 'active' | 'deprecated' | 'retired'
  readonly since?: string
  readonly until?: string
  /** Days until it ends; 0 on the last one, negative afterwards. */
  readonly daysLeft?: number
  /** The subject of a port, or a URL. */
  readonly successor?: string
  readonly reason?: string
  /** `v1 ends in 42 days (2027-01-10): read sales.shop-orders.orders.v2 instead`; absent while nothing ends. */
  readonly words?: string
}

/** What a port's life follows from, in files and in the catalogue. */
export interface LifeSaid {
  readonly major: number
  /** As written in the contract; absent where it says none. */
  readonly contractStatus: string | undefined
  readonly productStatus: string
  readonly deprecation: Deprecation | undefined
}

const isDraft = (status: string | undefined): boolean => status === 'draft' || status === 'proposed'

/** `today` is a day, as in 2026-11-29; `successorOf` gives the subject that the word in a contract means. */
export const lifeOf = (said: LifeSaid, today: string, successorOf: (word: string) => string): PortLife => {
  const { contractStatus, productStatus, deprecation: { since, until, successor, reason } = {}, major } = said
  const status =
    contractStatus === 'retired' || contractStatus === 'deprecated'
      ? contractStatus
      : isDraft(contractStatus) || isDraft(productStatus)
        ? 'draft'
        : 'active'
  if (status === 'draft' || status === 'active') return { status }
  const daysLeft = until === undefined ? undefined : daysBetween(today, until)
  const next = successor === undefined ? undefined : successorOf(successor)
  const ends = until === undefined || daysLeft === undefined ? 'is deprecated' : endWords(daysLeft, until)
  const instead = next === undefined ? '' : `: read ${next} instead`
  return {
    status,
    words: `v${major} ${status === 'retired' ? 'is retired' : ends}${instead}`,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(daysLeft === undefined ? {} : { daysLeft }),
    ...(next === undefined ? {} : { successor: next }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** The life of a port as the files tell it. */
export const portLife = (mesh: Mesh, product: Product, port: OutputPort, today: string): PortLife =>
  lifeOf(
    {
      major: port.major,
      contractStatus: writtenStatus(port.contract?.body),
      productStatus: product.status,
      deprecation: port.contract?.deprecation,
    },
    today,
    word => portMeant(mesh, word) ?? word,
  )

/** `status` of a document, where it says one. */
export const writtenStatus = (document: unknown): string | undefined => {
  if (typeof document !== 'object' || document === null || !('status' in document)) return undefined
  return typeof document.status === 'string' ? document.status : undefined
}

/** The port that a word means which is a contract's id or a port's subject. */
export const portMeant = (mesh: Mesh, word: string): string | undefined => {
  for (const product of mesh.products.values()) {
    const port = product.outputs.find(it => it.subject === word || it.contract?.id === word)
    if (port !== undefined) return port.subject
  }
  return undefined
}

const dayMs = 86_400_000

const daysBetween = (from: string, to: string): number | undefined => {
  const days = (Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / dayMs
  return Number.isNaN(days) ? undefined : Math.round(days)
}

const endWords = (daysLeft: number, until: string): string => {
  const days = `${Math.abs(daysLeft)} ${Math.abs(daysLeft) === 1 ? 'day' : 'days'}`
  if (daysLeft > 0) return `ends in ${days} (${until})`
  return daysLeft === 0 ? `ends today (${until})` : `ended ${days} ago (${until})`
}
