/** What was found out once and follows from a key alone, kept in a file. Losing it costs time and nothing else: whatever cannot be read, written or trusted is as if it were not there. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { isAlive } from './process.ts'

export interface Cache {
  /** The value of a key as JSON gave it back; undefined where there is none that can be trusted. */
  get(key: string): unknown
  /** Whether `get` would give something. */
  has(key: string): boolean
  /** From then on `get` gives it. Left alone where JSON would give back another value. */
  set(key: string, value: unknown): void
  /** Adds what is new; writes the file anew, without what was not asked for, where that is more than half of it. */
  save(): void
}

/** For those who have no place to keep anything. */
export const noCache: Cache = { get: () => undefined, has: () => false, set: () => {}, save: () => {} }

/** `scope` is what all keys depend on; another one, like another build of the program, finds an empty cache. */
export const openCache = (path: string, scope: string): Cache => {
  const header = `weft.cache/1 ${programStamp()} ${scope.replaceAll(/\s/g, '_')}`
  const { text, lines } = readLines(path, header)
  const asked = new Set<string>()
  const added = new Map<string, string>()
  const whole = (key: string): string | undefined => {
    asked.add(key)
    const fresh = added.get(key)
    if (fresh !== undefined) return checked(fresh)
    const at = lines.get(key)
    return at === undefined ? undefined : checked(text.slice(at.from, at.to))
  }
  return {
    get(key) {
      const json = whole(key)
      return json === undefined ? undefined : JSON.parse(json)
    },
    has: key => whole(key) !== undefined,
    set(key, value) {
      if (/[\t\n\r]/.test(key) || !isPlain(value)) return
      const json = JSON.stringify(value)
      asked.add(key)
      added.set(key, `${crc32(json)}\t${json}`)
    },
    save() {
      const old = [...lines.keys()].filter(key => !asked.has(key) || added.has(key)).length
      try {
        if (text === '' || old * 2 > lines.size) {
          if (added.size === 0 && old === 0) return
          const still = [...lines].filter(([key]) => asked.has(key) && !added.has(key))
          const all = [...still.map(([key, at]) => `${key}\t${text.slice(at.from, at.to)}`), ...linesOf(added)]
          replaceFile(path, `${[header, ...all].join('\n')}\n`)
        } else if (added.size > 0) {
          // A newline first: the last line may have been broken off.
          appendFileSync(path, `\n${linesOf(added).join('\n')}\n`)
        }
      } catch {
        // A folder that cannot be written to, a full disk: the next process finds out anew.
      }
    },
  }
}

const linesOf = (added: ReadonlyMap<string, string>): string[] => [...added].map(([key, rest]) => `${key}\t${rest}`)

/** Whoever reads meanwhile sees the old file or the new one. What a process left that was killed while it wrote goes. */
const replaceFile = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(`${basename(path)}.`) ? Number(name.slice(basename(path).length + 1)) : Number.NaN
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(dirname(path), name), { force: true })
  }
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, text)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

interface Lines {
  readonly text: string
  /** Where the checksum and the value of each key stand; the last line of a key holds. */
  readonly lines: ReadonlyMap<string, { readonly from: number; readonly to: number }>
}

const readLines = (path: string, header: string): Lines => {
  const nothing = { text: '', lines: new Map() }
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return nothing
  }
  if (!text.startsWith(`${header}\n`)) return nothing
  const lines = new Map<string, { from: number; to: number }>()
  for (let start = header.length + 1; start < text.length; ) {
    const end = text.indexOf('\n', start)
    // Without its end a line is not whole.
    if (end < 0) break
    const tab = text.indexOf('\t', start)
    if (tab > start && tab < end) lines.set(text.slice(start, tab), { from: tab + 1, to: end })
    start = end + 1
  }
  return { text, lines }
}

/** The JSON of a line, where it is what was written: that can be parsed. */
const checked = (line: string): string | undefined => {
  const tab = line.indexOf('\t')
  const json = line.slice(tab + 1)
  return crc32(json) === Number(line.slice(0, tab)) ? json : undefined
}

/** Whether JSON gives back the very same value. */
const isPlain = (value: unknown): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isPlain)
}

/** The file that this code was loaded from, as it is now: another build has another one, or the same one written anew. */
const programStamp = (): string => {
  const path = fileURLToPath(import.meta.url)
  const { size, mtimeMs } = statSync(path)
  return `${path} ${size} ${mtimeMs}`
}
