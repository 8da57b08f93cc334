/** One process per catalogue folder. The lock names its holder by pid, boot and the moment the process started, so that neither a reboot nor a pid used again looks alive. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { problem, WeftError } from '../base/index.ts'
import { storeProblems } from './problems.ts'

interface Holder {
  readonly pid: number
  readonly boot: string
  readonly started: string
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Linux tells the boot and a process's start; elsewhere the pid alone decides. */
const bootId = (): string => readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown'

/** Field 22 of /proc/<pid>/stat, counted behind the name in parentheses, which may hold spaces. */
const startOf = (pid: number): string => {
  const stat = readText(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown'
}

const isAlive = (holder: Holder): boolean => {
  if (holder.boot !== bootId()) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return startOf(holder.pid) === holder.started
}

const parseHolder = (text: string): Holder | undefined => {
  try {
    return JSON.parse(text) as Holder // this file writes it; a half-written one does not parse
  } catch {
    return undefined
  }
}

/** The process that holds the lock now; undefined where nobody does. */
export const lockHolder = (path: string): number | undefined => {
  const holder = parseHolder(readText(path) ?? '')
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined
}

const attemptsMax = 20

/** Takes the lock, or throws `store.locked` with the holder's pid. The answer gives it back. */
export const takeLock = (path: string): (() => void) => {
  mkdirSync(dirname(path), { recursive: true })
  const me: Holder = { pid: process.pid, boot: bootId(), started: startOf(process.pid) }
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (create(path, me)) return once(() => rmSync(path, { force: true }))
    const text = readText(path)
    if (text === undefined) continue
    const holder = parseHolder(text)
    if (holder === undefined && attempt < 5) {
      // Its writer is between creating and writing, or died there.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      continue
    }
    if (holder !== undefined && isAlive(holder)) {
      throw new WeftError(
        'unreachable',
        problem(storeProblems, 'store.locked', `the catalogue is open in process ${holder.pid}`, {
          found: `lock of process ${holder.pid}`,
        }),
      )
    }
    moveAside(path, text, `${path}.${process.pid}.${attempt}`)
  }
  throw new WeftError('unreachable', problem(storeProblems, 'store.locked', "the catalogue's lock could not be taken"))
}

/** Given back twice, it would be the next holder's that is removed. */
const once = (work: () => void): (() => void) => {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}

const create = (path: string, me: Holder): boolean => {
  try {
    const file = openSync(path, 'wx', 0o600)
    try {
      writeSync(file, JSON.stringify(me))
    } catch (error) {
      // Half written, it would be waited for.
      rmSync(path, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Of two that find a dead lock only one renames this very text; what was taken by mistake is put back. */
const moveAside = (path: string, text: string, aside: string): void => {
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (readText(aside) === text) {
    rmSync(aside, { force: true })
    return
  }
  try {
    renameSync(aside, path)
  } catch {
    rmSync(aside, { force: true })
  }
}
