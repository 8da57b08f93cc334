/** Disks that are full: told the same wherever something is written. */
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'

/** No space left, or none of one's quota. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')

/** So little that a database cannot begin. */
const startBytesMin = 1024 ** 2

/** Whether a disk has too little left for a database to begin; what it says then is seldom that. */
export const isAlmostFull = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize < startBytesMin
  } catch {
    return false
  }
}

/** `1,048,576 bytes free at /data/weft`: of the nearest folder upwards that is there. */
export const freeSpace = (path: string): string => {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder)
      return `${(bavail * bsize).toLocaleString('en-US')} bytes free at ${folder}`
    } catch {
      if (dirname(folder) === folder) return `no space at ${path}`
    }
  }
}
