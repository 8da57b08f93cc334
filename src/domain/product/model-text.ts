/** A model's text without what is no part of it: layout and comments. Pure. */
import { hashText } from '../../base/index.ts'

/** What a file says of a model: a semicolon at its end is a habit, not a second statement. */
export const modelText = (file: string): string => file.replace(/;\s*$/, '')

/** Equal for texts that make the same rows, whatever their layout and comments. */
export const modelHash = (text: string): string => hashText(plainModelText(text))

/** A literal, a quoted name, a text between dollars; a comment; space; any other character. PostgreSQL's and DuckDB's lexical rules. */
const token =
  /(?<literal>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>[A-Za-z_]\w*|)\$[\s\S]*?\$\k<tag>\$)|(?<line>--[^\n]*)|(?<open>\/\*)|(?<space>\s+)|(?<word>[\w.]+|[^\w\s])/gy

/** Equal for texts that differ in layout and comments only. Line ends between two literals stay: they join them. */
export const plainModelText = (text: string): string => {
  let plain = ''
  let gap = ''
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const start = token.lastIndex
    const groups = token.exec(text)?.groups ?? {}
    if (groups.open !== undefined) {
      token.lastIndex = endOfComment(text, start)
      gap += ' '
    } else if (groups.line !== undefined || groups.space !== undefined) {
      gap += groups.space ?? ' '
    } else {
      // A quote that nobody closes, or a character that is none of these: the rest is taken as it is.
      const next = groups.literal ?? groups.word ?? text.slice(start)
      if (token.lastIndex <= start) token.lastIndex = start + next.length
      plain += between(plain, gap, next) + next
      gap = ''
    }
  }
  return plain
}

/** Comments may stand in comments. */
const endOfComment = (text: string, start: number): number => {
  let depth = 0
  for (const match of text.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return start + match.index + 2
  }
  return text.length
}

const between = (before: string, gap: string, next: string): string => {
  if (gap === '' || before === '') return ''
  if (before.endsWith("'") && next.endsWith("'") && gap.includes('\n')) return '\n'
  return /[(),]$/.test(before) || /^[(),]$/.test(next) ? '' : ' '
}
