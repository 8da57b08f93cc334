/** Two streams and how wide they are: the answer on stdout, remarks on stderr. Signs carry the meaning, colour only helps. */
import { styleText } from 'node:util'

export type Style = 'red' | 'yellow' | 'green' | 'cyan' | 'dim' | 'bold'

export interface Terminal {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  /** A person watches stderr: progress may be redrawn. */
  readonly isWatched: boolean
  readonly width: number
  print(line?: string): void
  remark(line?: string): void
  style(text: string, ...styles: Style[]): string
  /** The same for lines of stderr. */
  styleRemark(text: string, ...styles: Style[]): string
}

/** Newer Node would look at stdout by itself; older Node has no third parameter, in its types too, and ignores it. */
const unvalidated = { validateStream: false } as never // as above

export const openTerminal = (hasColor: boolean | undefined): Terminal => {
  const { stdout, stderr, env } = process
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0'
  const wants = hasColor ?? (env.NO_COLOR === undefined || env.NO_COLOR === '')
  const paint =
    (isOn: boolean) =>
    (text: string, ...styles: Style[]): string =>
      isOn && text !== '' ? styles.reduce((it, style) => styleText(style, it, unvalidated), text) : text
  return {
    out: stdout,
    err: stderr,
    isWatched: stderr.isTTY === true && env.TERM !== 'dumb' && env.CI !== 'true',
    width: Math.max(40, stdout.columns ?? 100),
    print: (line = '') => stdout.write(`${line}\n`),
    remark: (line = '') => stderr.write(`${line}\n`),
    style: paint(wants && (forced || stdout.isTTY === true)),
    styleRemark: paint(wants && (forced || stderr.isTTY === true)),
  }
}

/** Columns of text, each as wide as its widest cell; numbers to the right. Control characters are shown, never sent. */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[]; readonly widthMax?: number } = {},
): string[] => {
  const cellMax = Math.max(8, options.widthMax ?? 60)
  const all = [heads, ...rows].map(row => row.map(cell => clip(printable(cell), cellMax)))
  const widths = heads.map((_, index) => Math.max(...all.map(row => width(row[index] ?? ''))))
  const right = new Set(options.right ?? [])
  return all.map(row =>
    row
      .map((cell, index) => {
        const space = ' '.repeat((widths[index] ?? 0) - width(cell))
        return right.has(index) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Characters as a terminal counts them: wide ones of East Asia and emoji take two cells, marks none. */
export const width = (text: string): number => {
  let cells = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (/\p{Mark}/u.test(char) || code === 0x200d || code === 0xfe0f) continue
    cells += isWide(code) ? 2 : 1
  }
  return cells
}

const isWide = (code: number): boolean =>
  (code >= 0x1100 && code <= 0x115f) ||
  (code >= 0x2e80 && code <= 0xa4cf) ||
  (code >= 0xac00 && code <= 0xd7a3) ||
  (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xfe30 && code <= 0xfe6f) ||
  (code >= 0xff00 && code <= 0xff60) ||
  (code >= 0x1f300 && code <= 0x1faff) ||
  (code >= 0x20000 && code <= 0x3fffd)

export const clip = (text: string, cellMax: number): string => {
  if (width(text) <= cellMax) return text
  let kept = ''
  for (const char of text) {
    if (width(kept + char) > cellMax - 1) break
    kept += char
  }
  return `${kept}…`
}

/** A value must not move the cursor or change colours of whoever looks at it. */
export const printable = (text: string): string =>
  text.replace(/\p{Control}/gu, char =>
    char === '\n' ? '⏎' : char === '\t' ? '→' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** `1.9 s`, `340 ms`, `2 min 5 s`. */
export const duration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** `541,909`. */
export const count = (value: number): string => value.toLocaleString('en-US')

/** `1 product`, `3 products`. */
export const several = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`

/** `1.4 MB` with 1 KB = 1,024 bytes. */
export const size = (bytes: number): string => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `2026-11-25 06:14 UTC`. */
export const instant = (iso: string | null): string => (iso === null ? '' : `${iso.slice(0, 16).replace('T', ' ')} UTC`)
