/** What was read in another way than it is written, and the few rewritings that the standards' documents share. Pure. */
import type { Path } from './definition.ts'

export interface Remark {
  /** In the file as it is written. */
  readonly path: Path
  readonly at: 'key' | 'value'
  readonly message: string
  readonly found: string
  readonly expected: string
  /** Where the value is in the document as it was read, if elsewhere. */
  readonly now?: Path
}

/** A document in the newest form of its standard, and what was done to get there. */
export interface Lenient {
  readonly body: unknown
  readonly remarks: readonly Remark[]
}

export type Body = Record<string, unknown>

export const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Puts changed copies in the place of a list's entries; what is no object stays as it is. */
export const changeEach = (
  owner: Body,
  key: string,
  path: Path,
  change: (copy: Body, path: Path) => void,
  remarks: Remark[],
): void => {
  const list = owner[key]
  if (!Array.isArray(list)) return
  const here = remarks.findLast(it => it.now?.join() === [...path, key].join())?.path ?? [...path, key]
  owner[key] = list.map((entry: unknown, index) => changed(entry, [...here, index], change))
}

/** The same for one object. */
export const changeOne = (owner: Body, key: string, path: Path, change: (copy: Body, path: Path) => void): void => {
  if (owner[key] !== undefined) owner[key] = changed(owner[key], [...path, key], change)
}

const changed = (value: unknown, path: Path, change: (copy: Body, path: Path) => void): unknown => {
  if (!isBody(value)) return value
  const copy = { ...value }
  change(copy, path)
  return copy
}

/** A key by its name in the standard; nothing happens where both are there. */
export const rename = (owner: Body, from: string, to: string, path: Path, remarks: Remark[]): void => {
  if (owner[from] === undefined || owner[to] !== undefined) return
  owner[to] = owner[from]
  delete owner[from]
  remarks.push({
    path: [...path, from],
    at: 'key',
    message: `"${from}" is no key of the standard; read as ${to}`,
    found: from,
    expected: to,
    now: [...path, to],
  })
}

/** `description` as a text, `tags` as a text, `customProperties` as a map. */
export const mendAnnotations = (owner: Body, path: Path, remarks: Remark[]): void => {
  const { tags, customProperties } = owner
  if (typeof tags === 'string') {
    owner.tags = tags.split(',').map(it => it.trim())
    remarks.push({
      path: [...path, 'tags'],
      at: 'value',
      message: '"tags" is a list; the text was read as one',
      found: 'a text',
      expected: 'a list',
    })
  }
  if (!isBody(customProperties)) return
  owner.customProperties = Object.entries(customProperties).map(([property, value]) => ({ property, value }))
  remarks.push({
    path: [...path, 'customProperties'],
    at: 'value',
    message: '"customProperties" is a list of { property, value }; the map was read as one',
    found: 'a map of keys',
    expected: 'a list',
  })
}

/** What stands at the top of a contract and of a product alike: a version without its v, a description as a text, a team as a list. */
export const mendHeader = (owner: Body, versions: readonly string[], remarks: Remark[]): void => {
  const { apiVersion, description, team } = owner
  if (typeof apiVersion === 'string' || typeof apiVersion === 'number') {
    const plain = String(apiVersion).replace(/^v/i, '')
    const meant = versions.find(it => it === `v${plain}` || it === `v${plain}.0`)
    if (meant !== undefined && meant !== apiVersion) {
      owner.apiVersion = meant
      const message = `the version of the standard is written ${meant}`
      remarks.push({ path: ['apiVersion'], at: 'value', message, found: String(apiVersion), expected: meant })
    }
  }
  if (typeof description === 'string') {
    owner.description = { purpose: description }
    remarks.push({
      path: ['description'],
      at: 'value',
      message: '"description" has the keys purpose, usage and limitations; the text was read as purpose',
      found: 'a text',
      expected: 'a map of keys',
      now: ['description', 'purpose'],
    })
  }
  if (Array.isArray(team)) {
    owner.team = { members: team }
    remarks.push({
      path: ['team'],
      at: 'value',
      message: 'a team was a list before 3.1; read as the members of a team',
      found: 'a list',
      expected: 'team: { name, members }',
      now: ['team', 'members'],
    })
  }
  mendAnnotations(owner, [], remarks)
}
