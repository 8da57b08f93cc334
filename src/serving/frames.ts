/** What goes over the local socket: one JSON object a line, of limited size. One connection carries one operation. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { z } from 'zod'
import type { ErrorKind, ProgressEvent } from '../base/index.ts'

export const requestShape = z.strictObject({
  token: z.string(),
  operation: z.string(),
  principal: z.strictObject({ kind: z.enum(['operator', 'person', 'product']), name: z.string() }),
  purpose: z.string(),
  /** For whoever waits behind it: `weft run`, and the process. */
  asker: z.string(),
  input: z.unknown(),
})

export type Request = z.output<typeof requestShape>

/** After the request the asker sends this line, or nothing. */
export const cancelLine = '{"cancel":true}'

/** An answer, and the problems of a failure, come in parts before it, so that no line is long. */
export type Reply =
  | { readonly kind: 'progress'; readonly event: ProgressEvent }
  | { readonly kind: 'output'; readonly base64: string }
  | { readonly kind: 'part'; readonly text: string }
  | { readonly kind: 'answer' }
  | { readonly kind: 'failed'; readonly error: ErrorKind }
  | { readonly kind: 'bug'; readonly message: string }
  /** Not now: `by` is what the owner is at. */
  | { readonly kind: 'later'; readonly by: string }

/** Characters of an answer, or bytes of output, in one line. */
export const partLength = 64 * 1024
/** Of a line of the owner, whatever its characters take once they are escaped. */
export const replyBytesMax = 8 * partLength

/** Calls `take` for each line; `refuse` once where a line is longer than it may be. */
export const readLines = (socket: Socket, bytesMax: number, take: (line: string) => void, refuse: () => void): void => {
  let kept: Buffer[] = []
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      kept.push(chunk.subarray(from, end))
      const line = Buffer.concat(kept).toString('utf8')
      kept = []
      bytes = 0
      from = end + 1
      take(line)
    }
    const rest = chunk.subarray(from)
    bytes += rest.length
    if (bytes <= bytesMax) {
      if (rest.length > 0) kept.push(rest)
      return
    }
    kept = []
    socket.pause()
    refuse()
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** In a time that tells nothing of how much of it was right. */
export const isSameToken = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))
