/** The golden pairs of contracts: one base, patched into two versions each. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { ChangeRuleId, Effect, VersionVerdict } from '../../src/domain/index.ts'
import { repository } from './mesh.ts'

type Patches = Readonly<Record<string, unknown>>

export interface ContractPair {
  readonly name: string
  readonly before?: Patches
  readonly after: Patches
  /** An item of a list that stands elsewhere after. */
  readonly move?: { readonly in: string; readonly item: string; readonly to: number }
  readonly rules: readonly ChangeRuleId[]
  readonly reader: Effect
  readonly writer: Effect
  readonly verdict: VersionVerdict
  /** The lowest that 2.3.4 may become. */
  readonly version: string
}

const golden = (name: string): string => readFileSync(join(repository, 'test/golden/changes', name), 'utf8')

export const contractPairs: readonly ContractPair[] = readdirSync(join(repository, 'test/golden/changes/pairs'))
  .sort()
  .flatMap(name => parse(golden(`pairs/${name}`)))

const names = ['name', 'id', 'property', 'server', 'role']

const itemAt = (list: readonly unknown[], step: string): number => {
  const index = list.findIndex(it => names.some(key => Reflect.get(Object(it), key) === step))
  if (index < 0) throw new Error(`no item is called ${step}`)
  return index
}

const keyAt = (owner: object, step: string): string | number => (Array.isArray(owner) ? itemAt(owner, step) : step)

const at = (body: object, path: string): object =>
  path
    .split('/')
    .filter(step => step !== '')
    .reduce<object>((it, step) => {
      const next = Reflect.get(it, keyAt(it, step))
      if (typeof next !== 'object' || next === null) throw new Error(`${path} leads nowhere`)
      return next
    }, body)

const patch = (body: object, path: string, value: unknown): void => {
  const cut = path.lastIndexOf('/')
  const owner = at(body, path.slice(0, Math.max(0, cut)))
  const last = path.slice(cut + 1)
  if (last === '+' && Array.isArray(owner)) owner.push(value)
  else if (value !== null) Reflect.set(owner, keyAt(owner, last), value)
  else if (Array.isArray(owner)) owner.splice(itemAt(owner, last), 1)
  else if (!Reflect.has(owner, last)) throw new Error(`there is no ${path} to remove`)
  else Reflect.deleteProperty(owner, last)
}

const patched = (patches: Patches): object => {
  const body: object = parse(golden('base.odcs.yaml'))
  // Names change last, since later paths go by the ones before.
  const inOrder = Object.entries(patches).sort(([a], [b]) => Number(a.endsWith('/name')) - Number(b.endsWith('/name')))
  for (const [path, value] of inOrder) patch(body, path, value)
  return body
}

/** Writes both versions below a folder, each as the one file of a folder of its own. */
export const writePair = async (pair: ContractPair, folder: string): Promise<{ before: string; after: string }> => {
  const after = patched(pair.after)
  if (pair.move !== undefined) {
    const list = at(after, pair.move.in)
    if (Array.isArray(list)) list.splice(pair.move.to, 0, ...list.splice(itemAt(list, pair.move.item), 1))
  }
  const write = async (name: string, body: object): Promise<string> => {
    await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(folder, name, 'orders.odcs.yaml'), stringify(body))
    return join(folder, name)
  }
  return { before: await write('before', patched(pair.before ?? {})), after: await write('after', after) }
}
