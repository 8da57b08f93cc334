/** The golden pairs of contracts, judged by Weft and by datacontract-cli's `breaking`: part of `npm run test:parity`. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { contractPairs, writePair } from '../support/contract-pairs.ts'
import { repository, temporaryFolder } from '../support/mesh.ts'
import { changeDifferences } from './change-differences.ts'
import { python } from './python.ts'

const run = promisify(execFile)
const minutes = 60_000

interface Judged {
  readonly level: 'info' | 'warning' | 'error'
  readonly entries: readonly string[]
}

type Verdicts = Readonly<
  Record<string, { readonly reader: Judged; readonly writer: Judged } | { readonly error: string }>
>

/** An error breaks; a warning is what it cannot tell; the rest it lets pass. */
const words = { info: 'none', warning: 'cannot tell', error: 'breaking' } as const

test.skipIf(process.env.WEFT_PARITY !== '1')(
  'Weft and datacontract-cli call the same changes breaking, but where it is meant',
  async ({ skip }) => {
    const found = await python()
    if ('reason' in found) return skip(`datacontract-cli cannot be had here: ${found.reason}`)
    const folder = await temporaryFolder()
    const pairs: Record<string, [string, string]> = {}
    for (const [index, pair] of contractPairs.entries()) {
      const { before, after } = await writePair(pair, join(folder, String(index)))
      pairs[pair.name] = [join(before, 'orders.odcs.yaml'), join(after, 'orders.odcs.yaml')]
    }
    const [list, answer, home] = ['pairs.json', 'verdicts.json', 'home'].map(name => join(folder, name))
    if (list === undefined || answer === undefined || home === undefined) return
    await writeFile(list, JSON.stringify(pairs))
    await mkdir(home)
    await run(found.path, [join(repository, 'test', 'parity', 'changes.py'), list, answer], {
      env: { ...process.env, HOME: home },
      maxBuffer: 64 * 1024 ** 2,
    })
    const verdicts: Verdicts = JSON.parse(await readFile(answer, 'utf8'))
    const differ: string[] = []
    for (const pair of contractPairs) {
      const other = verdicts[pair.name]
      if (other === undefined || 'error' in other) {
        differ.push(`${pair.name}: ${other?.error ?? 'no verdict'}`)
        continue
      }
      for (const side of ['reader', 'writer'] as const) {
        const own = pair[side] === 'breaking' ? 'breaking' : 'none'
        const theirs = words[other[side].level]
        if (own !== theirs) differ.push(`${pair.name}: ${side}: datacontract-cli ${theirs}`)
      }
    }
    const meant = changeDifferences.flatMap(({ pairs: listed, other }) =>
      Object.entries(listed).flatMap(([name, side]) =>
        (side === 'both' ? ['reader', 'writer'] : [side]).map(one => `${name}: ${one}: datacontract-cli ${other}`),
      ),
    )
    console.log(`${contractPairs.length} pairs, ${2 * contractPairs.length} verdicts, ${differ.length} differ`)
    expect(
      differ.filter(it => !meant.includes(it)),
      'verdicts that differ and are not listed',
    ).toEqual([])
    expect(
      meant.filter(it => !differ.includes(it)),
      'listed verdicts that do not differ any more',
    ).toEqual([])
  },
  10 * minutes,
)
