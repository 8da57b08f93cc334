/** What happens meanwhile: one live block where a person watches, one line per finished item elsewhere. */
import type { ProgressEvent } from '../base/index.ts'
import { clip, count, duration, several, type Terminal } from './terminal.ts'

const quiet = new Set(['define', 'provisionStorage'])
const redrawMs = 100
const heartbeatMs = 30_000

interface Working {
  readonly subject: string
  activity: string
  readonly startedMs: number
  done?: number
  total?: number
  unit?: string
}

export class Progress {
  private readonly terminal: Terminal
  private readonly isVerbose: boolean
  private recorded = 0
  private readonly working = new Map<string, Working>()
  private shown = 0
  private timer: NodeJS.Timeout | undefined
  private lastLineMs = performance.now()

  constructor(terminal: Terminal, isVerbose: boolean) {
    this.terminal = terminal
    this.isVerbose = isVerbose
  }

  /** Takes an event of an operation. */
  take(event: ProgressEvent): void {
    const { subject, activity, state } = event
    // A dataset's news belongs to the product that is being built.
    const key = [...this.working.keys()].find(it => subject === it || subject.startsWith(`${it}.`)) ?? subject
    if (state === 'started') {
      this.lineOfRecorded()
      this.working.set(subject, { subject, activity, startedMs: performance.now() })
      this.start()
      return
    }
    if (state === 'moving') {
      const it = this.working.get(key)
      if (it !== undefined) {
        it.activity = `${activity} ${subject.split('.').at(-1) ?? ''}`
        if (event.done !== undefined) it.done = event.done
        if (event.total !== undefined) it.total = event.total
        if (event.unit !== undefined) it.unit = event.unit
      }
      return
    }
    this.working.delete(subject)
    if (state === 'done' && quiet.has(activity) && !this.isVerbose) this.recorded++
    else {
      this.lineOfRecorded()
      this.line(finishedLine(this.terminal, event))
    }
    if (this.working.size === 0) this.halt()
  }

  /** Definitions are recorded by the dozen: one line for all of them. */
  private lineOfRecorded(): void {
    if (this.recorded === 0) return
    const word = this.terminal.styleRemark('ok   ', 'green')
    this.line(`${word} ${'record'.padEnd(16)} ${several(this.recorded, 'definition')}`)
    this.recorded = 0
  }

  /** Ends the live block; what was written stays. */
  stop(): void {
    this.lineOfRecorded()
    this.halt()
  }

  private halt(): void {
    clearInterval(this.timer)
    this.timer = undefined
    this.erase()
  }

  private start(): void {
    if (this.timer !== undefined) return
    this.timer = setInterval(
      () => (this.terminal.isWatched ? this.draw() : this.heartbeat()),
      this.terminal.isWatched ? redrawMs : 1000,
    )
    this.timer.unref()
  }

  private line(text: string): void {
    this.erase()
    this.terminal.remark(text)
    this.lastLineMs = performance.now()
    if (this.terminal.isWatched && this.timer !== undefined) this.draw()
  }

  private heartbeat(): void {
    if (performance.now() - this.lastLineMs < heartbeatMs) return
    for (const it of this.working.values()) this.line(`run   ${workingText(it)}`)
  }

  private draw(): void {
    this.erase()
    for (const it of this.working.values()) {
      this.terminal.err.write(
        `${clip(`${this.terminal.styleRemark('run', 'cyan')}   ${workingText(it)}`, this.terminal.width)}\n`,
      )
      this.shown++
    }
  }

  private erase(): void {
    if (this.shown > 0) this.terminal.err.write(`\u001b[${this.shown}A\u001b[0J`)
    this.shown = 0
  }
}

const workingText = ({ subject, activity, startedMs, done, total, unit }: Working): string => {
  const elapsed = performance.now() - startedMs
  const share = done !== undefined && total !== undefined && total > 0 ? done / total : undefined
  const left = share !== undefined && share > 0.02 ? `, ${duration((elapsed / share) * (1 - share))} left` : ''
  const counted =
    done === undefined ? '' : `  ${count(done)}${total === undefined ? '' : `/${count(total)}`} ${unit ?? ''}`
  return `${activity.padEnd(20)} ${subject}${counted}  ${duration(elapsed)}${left}`
}

const words = { done: 'ok', failed: 'fail', skipped: 'skip' } as const

const finishedLine = (terminal: Terminal, event: ProgressEvent): string => {
  const state = event.state === 'started' || event.state === 'moving' ? 'done' : event.state
  const isCancelled = event.detail === 'cancelled'
  const colour = state === 'done' ? 'green' : state === 'failed' ? 'red' : 'dim'
  const word = terminal.styleRemark((isCancelled ? 'stop' : words[state]).padEnd(5), isCancelled ? 'yellow' : colour)
  const rows = event.done === undefined || event.done === 0 ? '' : `${count(event.done)} ${event.unit ?? ''}`
  const detail = event.detail === undefined || event.detail === 'succeeded' ? '' : event.detail
  const took = event.durationMs === undefined ? '' : duration(event.durationMs)
  return `${word} ${event.activity.padEnd(16)} ${event.subject.padEnd(36)} ${[rows, detail]
    .filter(it => it !== '')
    .join(', ')
    .padEnd(28)} ${took}`.trimEnd()
}
