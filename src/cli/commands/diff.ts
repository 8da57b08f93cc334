/** `weft diff`: what changed between two versions, for whom, and which version follows; with `--data`, what that does to rows. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import type { ComparedChange } from '../../planner/index.ts'
import { type Command, text } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'
import { printable, several, type Terminal } from '../terminal.ts'

export const diff: Command = {
  name: 'diff',
  summary: 'tell what changed between two versions, whom it breaks, and which version follows',
  about:
    'Each of the two is a contract or model file, a folder, a subject or id of the mesh, or a git ref, also with a path or subject behind it (main:contracts/orders.odcs.yaml). The second is the project as it is now where it is left out. What each change means is in docs/reference/changes.md.',
  arguments: [
    { name: '[a]', what: 'the version before' },
    { name: '[b]', what: 'the version after (this project)' },
  ],
  options: [
    {
      flags: '--data <subject>',
      what: 'build this dataset, port or product from the files as they are and compare its rows with what is served; nothing is published',
    },
    { flags: '--sample <size>', what: 'compare a share of the rows, or about so many: 10%, 100000 (limits.diffRows)' },
    { flags: '--time <duration>', what: 'stop after so long and tell what was compared: 60s (limits.diffTimeMs)' },
  ],
  examples: [
    'weft diff HEAD',
    'weft diff main sales.shop-orders',
    'weft diff orders.v1.odcs.yaml orders.v2.odcs.yaml',
    'weft diff HEAD~1:domains/sales/shop-orders/models/orders.sql domains/sales/shop-orders/models/orders.sql',
    'weft diff --data finance.revenue',
    'weft diff --data sales.shop-orders.orders.v2.orders --sample 10%',
  ],
  async run(cli, values) {
    if (values.data !== undefined) {
      const { showDataDiff } = await import('../show-data-diff.ts')
      return showDataDiff(cli, { subject: text(values.data), sample: text(values.sample), time: text(values.time) })
    }
    if (values.a === undefined)
      throw new WeftError(
        'usage',
        problem(cliProblems, 'usage.wrong-value', 'weft diff needs to know what to compare with', {
          found: 'nothing',
          expected: 'a file, folder, subject or git ref, or --data <subject>',
          help: 'weft diff HEAD compares with the last commit',
        }),
      )
    const platform = await cli.platform()
    const { diffOperation } = await import('../../planner/index.ts')
    // Paths are meant from where the person stands, not from the project.
    const placed = (word: string): string => (existsSync(word) ? resolve(word) : word)
    const { before, after } = { before: text(values.a) ?? '', after: text(values.b) }
    const found = await platform.ask(diffOperation, {
      before: placed(before),
      ...(after === undefined ? {} : { after: placed(after) }),
    })
    if (cli.isJson) {
      cli.document('diff', found)
      return 0
    }
    const { print, style } = cli.terminal
    const { verdict, changes, versions, proposedVersion } = found
    if (changes.length === 0) {
      print('Nothing changed: both say the same.')
      return 0
    }
    const next = proposedVersion === undefined ? '' : `, ${proposedVersion} would do`
    print(`${style(verdict, 'bold')}: ${several(changes.length, 'change')}${next}`)
    for (const [kind, title, colour] of sections) {
      const own = changes.filter(it => it.reader === kind)
      if (own.length === 0) continue
      print()
      print(`  ${style(`${title} (${own.length})`, colour)}`)
      for (const it of own) print(changeLine(cli.terminal, it))
      if (cli.isVerbose) for (const why of new Set(own.map(it => it.why))) print(`    ${style(why, 'dim')}`)
    }
    const late = versions.filter(it => !it.isEnough)
    if (late.length > 0) {
      print()
      for (const it of late) print(`  ! ${it.port} is ${it.to}; ${it.proposed} would do  ${style(it.verdict, 'dim')}`)
    }
    return 0
  },
}

const sections = [
  ['breaking', 'Breaking for readers', 'red'],
  ['additive', 'Additive', 'green'],
  ['none', 'Nothing that readers notice by name', 'dim'],
] as const

const signs = { added: '+', removed: '-', changed: '~', renamed: '~', deprecated: '!' } as const

const changeLine = ({ style }: Terminal, it: ComparedChange): string => {
  const writer = it.writer === 'breaking' ? '; breaks writers' : ''
  const proposal = it.proposal === undefined ? '' : `\n      or ${it.proposal}`
  return `  ${signs[it.change]} ${it.subject}  ${style(printable(`${it.detail}${writer}`), 'dim')}${proposal}`
}
