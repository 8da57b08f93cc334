/** `holder.json`: who holds the catalogue, where it listens, and the token that opens it. Readable by the same user only. */
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { assert } from '../base/index.ts'

const holderShape = z.strictObject({
  pid: z.int(),
  version: z.string(),
  socket: z.string(),
  token: z.string(),
  command: z.string(),
  startedAt: z.string(),
})

export type Holder = z.output<typeof holderShape>

/** A socket's address has room for so many bytes (sun_path of Linux is 108 with its end; of macOS 104). */
const addressBytesMax = 103

/** In the state folder; where its path is too long, in a folder of one's own under the system's temporary one, named by its hash. */
export const socketPath = (state: string): string => {
  const beside = join(state, 'socket')
  if (Buffer.byteLength(beside) <= addressBytesMax) return beside
  const folder = join(tmpdir(), `weft-${createHash('sha256').update(state).digest('hex').slice(0, 16)}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  // Somebody else may have made a folder, or a link, of that name.
  assert(found.isDirectory() && found.uid === process.getuid?.(), 'the folder of the socket is our own')
  chmodSync(folder, 0o700)
  return join(folder, 'socket')
}

const holderPath = (state: string): string => join(state, 'holder.json')

/** Replaces what a process that was killed has left. */
export const writeHolder = (state: string, it: Omit<Holder, 'token'>): Holder => {
  const holder = { ...it, token: randomBytes(32).toString('hex') }
  const draft = `${holderPath(state)}.${process.pid}`
  rmSync(draft, { force: true })
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' })
  renameSync(draft, holderPath(state))
  return holder
}

export const removeHolder = (state: string): void => rmSync(holderPath(state), { force: true })

/** Undefined where nobody has written one, or not a whole one. */
export const readHolder = (state: string): Holder | undefined => {
  try {
    return holderShape.safeParse(JSON.parse(readFileSync(holderPath(state), 'utf8'))).data
  } catch {
    return undefined
  }
}
