/** Processes of this machine, and this one. */
import { setFlagsFromString } from 'node:v8'

/** Whether a process of that number lives; it may be another one by now. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A command starts without the compiler that makes code faster, since most end before it has paid: to be called where much is to be done. */
export const compileBetter = (): void => setFlagsFromString('--opt')
