/** `weft find`: things by words, the best first. */

import { problem, WeftError } from '../../base/index.ts'
import { type Command, text, texts } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'
import { clip, count, printable, several } from '../terminal.ts'

const limitMax = 100

export const find: Command = {
  name: 'find',
  summary: 'find domains, products, ports, datasets, columns, terms and policies by words',
  about:
    'What was applied is found. Narrow with domain: owner: status: tag: kind: has: col:, as in\n  weft find customer kind:column has:pii',
  arguments: [
    {
      name: '<words...>',
      what: 'what to look for; the beginning of a word is enough, of several words that of the last one',
    },
  ],
  options: [
    { flags: '--kind <kind>', what: 'only product, dataset, column, term, ...' },
    { flags: '--limit <n>', what: 'how many hits (20, at most 100)' },
    { flags: '--after <next>', what: 'the page behind: what a page gives as next' },
  ],
  examples: ['weft find orders', 'weft find country domain:sales --kind column', 'weft find has:pii --json'],
  async run(cli, values) {
    const limit = limitOf(text(values.limit))
    const platform = await cli.platform()
    const { findOperation } = await import('../../catalog/index.ts')
    const given = texts(values.words)
    // One text is the whole question; of several, a shell has taken the quotes away.
    const words = given.length === 1 ? (given[0] ?? '') : given.map(quoted).join(' ')
    const [kind, cursor] = [text(values.kind), text(values.after)]
    const found = await platform.ask(findOperation, {
      words,
      limit,
      ...(kind === undefined ? {} : { kind }),
      ...(cursor === undefined ? {} : { cursor }),
    })
    const { hits, total, isMore, next, read, near, isApplied } = found
    if (cli.isJson) {
      cli.document('find', { hits, total, isMore, isApplied, read, near, ...(next === undefined ? {} : { next }) })
      return 0
    }
    const { print, remark, style, width } = cli.terminal
    const mark = marker(found.words, it => style(it, 'yellow', 'bold'))
    if (!isApplied) {
      print('nothing is applied yet, so that there is nothing to find')
      remark('next  weft apply, or weft describe <thing> for what the files say')
      return 0
    }
    for (const it of read) remark(`nothing has "${it.word}"; read as ${it.as.map(one => `"${one}"`).join(' or ')}`)
    for (const hit of hits) {
      const line = `${mark(clip(printable(hit.subject), width - 16))}  ${style(hit.kind, 'dim')}`
      print(line)
      const title = hit.title === lastOf(hit.subject) ? '' : `${hit.title}. `
      const about = `${title}${hit.snippet}`
      if (about !== '') print(`  ${mark(clip(printable(about), width - 4))}`)
      print(`  ${style(clip(printable(hit.why), width - 4), 'dim')}`)
    }
    if (hits.length === 0) {
      print(`nothing is found for ${words}`)
      for (const it of near) print(`  near  ${it.subject}  ${style(it.kind, 'dim')}`)
      remark(
        near.length > 0
          ? `next  weft describe ${near[0]?.subject ?? ''}`
          : 'next  take fewer or other words; weft status names all products',
      )
      return 0
    }
    remark(
      hits.length === total
        ? several(total, 'hit')
        : `${count(hits.length)} of ${isMore ? 'more than ' : ''}${several(total, 'hit')}${next === undefined ? '' : `; the next ones: --after ${next}`}`,
    )
    remark(`next  weft describe ${hits[0]?.subject ?? ''}`)
    return 0
  },
}

const quoted = (word: string): string => {
  const operator = /^([a-z]+):(.*\s.*)$/i.exec(word)
  return operator === null ? word : `${operator[1]}:"${operator[2]}"`
}

const lastOf = (subject: string): string =>
  subject.slice(Math.max(subject.lastIndexOf('.'), subject.lastIndexOf('/')) + 1)

const limitOf = (value: string | undefined): number => {
  const limit = value === undefined ? 20 : Number(value)
  if (Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return limit
  throw new WeftError(
    'usage',
    problem(cliProblems, 'usage.wrong-value', `--limit is a whole number from 1 to ${limitMax}`, { found: value }),
  )
}

/** Marks words that begin with one that was looked for. */
const marker = (words: readonly string[], paint: (text: string) => string): ((text: string) => string) => {
  const sought = words.map(it => it.replace(/[^\p{L}\p{N}]/gu, '')).filter(it => it !== '')
  if (sought.length === 0) return text => text
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${sought.join('|')})[\\p{L}\\p{N}]*`, 'giu')
  return text => text.replace(pattern, word => paint(word))
}
