/** Problems for people: what, where, the lines around it, and what to do. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Problem, sortProblems } from '../base/index.ts'
import { clip, printable, several, type Terminal } from './terminal.ts'

/** At most `shownMax` problems, worst first, with the count of the rest. */
export const printProblems = async (
  terminal: Terminal,
  project: string | undefined,
  problems: readonly Problem[],
  shownMax: number,
  statement?: string,
): Promise<void> => {
  const sorted = sortProblems(problems)
  const texts = new Map<string, readonly string[]>()
  for (const it of sorted.slice(0, shownMax)) {
    for (const line of await problemLines(terminal, project, it, texts, statement)) terminal.remark(line)
    terminal.remark()
  }
  const rest = sorted.length - shownMax
  if (rest > 0) terminal.remark(`and ${several(rest, 'more problem')}; --json has all of them`)
}

const problemLines = async (
  terminal: Terminal,
  project: string | undefined,
  it: Problem,
  texts: Map<string, readonly string[]>,
  statement: string | undefined,
): Promise<string[]> => {
  const paint = terminal.styleRemark
  const colour = it.severity === 'error' ? 'red' : 'yellow'
  const lines = [`${paint(`${it.severity}[${it.code}]`, colour, 'bold')}: ${printable(it.message)}`]
  if (it.file !== undefined && it.file !== '') {
    lines.push(`  ${paint('-->', 'cyan')} ${it.file}:${it.line ?? 1}:${it.column ?? 1}`)
    if (project !== undefined) lines.push(...frame(terminal, await linesOf(join(project, it.file), texts), it))
  }
  // A place without a file is in the statement that was given.
  if (it.file === undefined && it.line !== undefined && statement !== undefined) {
    lines.push(`  ${paint('-->', 'cyan')} ${it.line}:${it.column ?? 1}`)
    lines.push(...frame(terminal, statement.split(/\r?\n/), it))
  }
  // The frame shows what was found.
  if (it.found !== undefined && !it.message.includes(it.found))
    lines.push(`   ${paint('=', 'cyan')} found: ${clip(printable(it.found), 300)}`)
  if (it.expected !== undefined) lines.push(`   ${paint('=', 'cyan')} expected: ${clip(printable(it.expected), 300)}`)
  const touches = it.touches ?? []
  for (const one of touches.slice(0, touchesShownMax))
    lines.push(`   ${paint('=', 'cyan')} touches: ${one.kind} ${one.name} of ${one.owner}: ${one.how}`)
  if (touches.length > touchesShownMax)
    lines.push(`   ${paint('=', 'cyan')} touches: ${touches.length - touchesShownMax} more; --json has all of them`)
  const help = it.help === undefined ? '' : `${printable(it.help)}${/[.?!)]$/.test(it.help) ? '' : '.'} `
  lines.push(`   ${paint('=', 'cyan')} help: ${help}Run \`weft explain ${it.code}\`.`)
  return lines
}

const touchesShownMax = 20

const linesOf = async (path: string, texts: Map<string, readonly string[]>): Promise<readonly string[]> => {
  const before = texts.get(path)
  if (before !== undefined) return before
  const lines = (await readFile(path, 'utf8').catch(() => '')).replace(/^\uFEFF/, '').split(/\r?\n/)
  texts.set(path, lines)
  return lines
}

/** The line, the one before it, and a mark below what is meant. */
const frame = (terminal: Terminal, lines: readonly string[], it: Problem): string[] => {
  const paint = terminal.styleRemark
  const number = it.line ?? 1
  const line = lines[number - 1]
  if (line === undefined || line === '') return []
  const digits = String(number).length
  const shown: string[] = []
  const before = lines[number - 2]
  const show = (n: number, text: string): string =>
    `${paint(`${String(n).padStart(digits)} |`, 'cyan')} ${clip(text, terminal.width)}`
  if (before !== undefined && before.trim() !== '') shown.push(show(number - 1, before))
  shown.push(show(number, line))
  const column = it.column ?? 1
  const end =
    it.endLine === number && it.endColumn !== undefined
      ? it.endColumn
      : it.endLine === undefined
        ? column + 1
        : [...line].length + 1
  const mark = '^'.repeat(Math.max(1, Math.min(end, [...line].length + 1) - column))
  const space = [...line.slice(0, column - 1)].map(char => (char === '\t' ? '\t' : ' ')).join('')
  const colour = it.severity === 'error' ? 'red' : 'yellow'
  shown.push(`${' '.repeat(digits)} ${paint('|', 'cyan')} ${space}${paint(mark, colour)}`)
  return shown
}
