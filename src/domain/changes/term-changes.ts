/** Changes of what a contract says beside its datasets and service levels: status, servers, roles, price, words. Pure. */
import { canonicalJson } from '../../base/index.ts'
import type { ContractDocument } from '../contract/documents.ts'
import type { Path } from '../definition.ts'
import type { ContractSide, Found } from './change.ts'
import type { ChangeRuleId } from './rules.ts'

type Tell = (rule: ChangeRuleId, path: Path, detail: string, values?: Partial<Pick<Found, 'from' | 'to'>>) => void

export const termChanges = (before: ContractSide, after: ContractSide): Found[] => {
  const found: Found[] = []
  const tell: Tell = (rule, path, detail, values = {}) => {
    found.push({ kind: 'contract', name: '', change: 'changed', rule, place: after.at(path), detail, ...values })
  }
  const [from, to] = [before.document, after.document]
  if (from.id !== to.id) tell('contract.id', ['id'], `id ${from.id} -> ${to.id}`, { from: from.id, to: to.id })
  if (from.version !== to.version)
    tell('contract.version', ['version'], `version ${from.version} -> ${to.version}`, {
      from: from.version,
      to: to.version,
    })
  const isDeprecation = statusChanges(from, to, tell)
  listChanges(from.servers, to.servers, it => it.server, serverFacts, 'server', tell)
  listChanges(
    from.roles,
    to.roles,
    it => it.role,
    ({ access }) => access,
    'role',
    tell,
  )
  priceChanges(from.price, to.price, tell)
  const words = wordsOf(from, to, isDeprecation)
  if (words.length > 0) tell('words', [words[0] ?? ''], `changed: ${words.join(', ')}`)
  return found
}

/** From the least to the most that is promised. */
const stages: Readonly<Record<string, number>> = { retired: 0, proposed: 1, draft: 1, deprecated: 2, active: 3 }

/** Whether a deprecation was told. */
const statusChanges = (from: ContractDocument, to: ContractDocument, tell: Tell): boolean => {
  const [was, is] = [from.status ?? 'draft', to.status ?? 'draft']
  const isFading = deprecation(to) !== undefined && deprecation(from) === undefined
  if (was === is) {
    if (isFading) tell('contract.deprecated', ['customProperties'], 'is now deprecated')
    return isFading
  }
  const values = { from: was, to: is }
  const rule: ChangeRuleId =
    is === 'retired'
      ? 'contract.retired'
      : is === 'deprecated'
        ? 'contract.deprecated'
        : (stages[is] ?? 3) >= (stages[was] ?? 3)
          ? (stages[is] ?? 3) === (stages[was] ?? 3)
            ? 'words'
            : 'contract.active'
          : 'contract.unpromised'
  tell(rule, ['status'], `status ${was} -> ${is}`, values)
  return isFading
}

const deprecation = (it: ContractDocument): unknown =>
  it.customProperties?.find(one => one.property === 'deprecation')?.value

/** What says where the data is and in which form. */
const serverFacts = ({
  server: _,
  id: __,
  description: ___,
  environment: ____,
  roles: _____,
  customProperties,
  ...rest
}: {
  readonly server: string
  readonly id?: string | undefined
  readonly description?: string | undefined
  readonly environment?: string | undefined
  readonly roles?: unknown
  readonly customProperties?: unknown
}): unknown => ({ ...rest, customProperties })

const listChanges = <Item>(
  from: readonly Item[] = [],
  to: readonly Item[] = [],
  nameOf: (it: Item) => string,
  factsOf: (it: Item) => unknown,
  word: 'server' | 'role',
  tell: Tell,
): void => {
  const key = `${word}s`
  to.forEach((it, index) => {
    const before = from.find(one => nameOf(one) === nameOf(it))
    if (before === undefined) tell(`${word}.added`, [key, index], `new ${word} ${nameOf(it)}`, { to: nameOf(it) })
    else if (canonicalJson(factsOf(before)) !== canonicalJson(factsOf(it)))
      tell(`${word}.changed`, [key, index], `${word} ${nameOf(it)} changed`)
    else if (canonicalJson(before) !== canonicalJson(it))
      tell('words', [key, index], `changed: words of the ${word} ${nameOf(it)}`)
  })
  for (const it of from)
    if (!to.some(one => nameOf(one) === nameOf(it)))
      tell(`${word}.removed`, [key], `no ${word} ${nameOf(it)} any more`, { from: nameOf(it) })
}

const priceChanges = (from: ContractDocument['price'], to: ContractDocument['price'], tell: Tell): void => {
  const shownPrice = (it: ContractDocument['price']): string =>
    it === undefined
      ? 'none'
      : [it.priceAmount, it.priceCurrency, it.priceUnit].filter(part => part !== undefined).join(' ')
  const [was, is] = [from?.priceAmount ?? 0, to?.priceAmount ?? 0]
  const isOther =
    from !== undefined &&
    to !== undefined &&
    (from.priceCurrency !== to.priceCurrency || from.priceUnit !== to.priceUnit)
  if (was === is && !isOther) return
  const rule = isOther ? 'price.changed' : is > was ? 'price.raised' : 'price.lowered'
  const values = { from: shownPrice(from), to: shownPrice(to) }
  tell(rule, ['price'], `price ${values.from} -> ${values.to}`, values)
}

/** Keys that are told of above, or by those who compare datasets and promises. */
const told: ReadonlySet<string> = new Set([
  'id',
  'version',
  'status',
  'servers',
  'roles',
  'price',
  'schema',
  'slaProperties',
  // What form a contract was read from is not what it says.
  'apiVersion',
  'kind',
])

const wordsOf = (from: ContractDocument, to: ContractDocument, isDeprecation: boolean): string[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter(key => !told.has(key) && !(key === 'customProperties' && isDeprecation))
    .filter(key => canonicalJson(Reflect.get(from, key)) !== canonicalJson(Reflect.get(to, key)))
    .sort()
