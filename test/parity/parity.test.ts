/** The same contracts with the same data, judged by Weft and by datacontract-cli: `npm run test:parity`. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openEngine } from '../../src/engine/index.ts'
import { repository, temporaryFolder } from '../support/mesh.ts'
import { judgeCase, writeCase } from './case.ts'
import { parityCases } from './cases.ts'
import { differences, isMeant, isOf } from './differences.ts'
import { python } from './python.ts'
import { type Compared, compare, type ForeignCheck } from './verdict.ts'

const run = promisify(execFile)
const minutes = 60_000

const table = (compared: readonly Compared[]): string => {
  const kinds = [...new Set(compared.map(it => it.kind))].sort()
  return kinds
    .map(kind => {
      const all = compared.filter(it => it.kind === kind)
      const failed = all.filter(it => it.weft !== 'passed').length
      const other = all.filter(it => it.weft !== it.other).length
      return `${kind.padEnd(20)} ${String(all.length).padStart(4)} compared ${String(failed).padStart(4)} not passed ${String(other).padStart(4)} meant to differ`
    })
    .join('\n')
}

test.skipIf(process.env.WEFT_PARITY !== '1')(
  'Weft and datacontract-cli judge alike, but where it is meant',
  async ({ skip }) => {
    const found = await python()
    if ('reason' in found) return skip(`datacontract-cli cannot be had here: ${found.reason}`)
    const folder = await temporaryFolder()
    const nowMs = Date.now()
    const session = await (await openEngine('duckdb')).open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
    const placeOf = (name: string): string => join(folder, name.replace(/[^\w.]+/g, '-'))
    for (const one of parityCases) await writeCase(session, one, placeOf(one.name))
    const contracts = parityCases.map(it => [it.name, join(placeOf(it.name), 'contract.odcs.yaml')])
    const [list, answer] = [join(folder, 'contracts.json'), join(folder, 'verdicts.json')]
    await writeFile(list, JSON.stringify(Object.fromEntries(contracts)))
    const home = join(folder, 'home')
    await mkdir(home)
    await run(found.path, [join(repository, 'test', 'parity', 'judge.py'), list, answer], {
      env: { ...process.env, HOME: home },
      maxBuffer: 64 * 1024 ** 2,
    })
    const others: Record<string, ForeignCheck[]> = JSON.parse(await readFile(answer, 'utf8'))

    const compared: Compared[] = []
    for (const one of parityCases) {
      const verdict = await judgeCase(session, one, placeOf(one.name), nowMs)
      compared.push(...compare(one.name, verdict, others[one.name] ?? []))
    }
    await session.close()
    if (process.env.WEFT_PARITY_OUT !== undefined)
      await writeFile(process.env.WEFT_PARITY_OUT, JSON.stringify({ compared, others }))
    console.log(`${parityCases.length} contracts, ${compared.length} verdicts\n${table(compared)}`)

    const line = (it: Compared): string => `${it.name}: ${it.check}: weft ${it.weft}, datacontract-cli ${it.other}`
    const unmeant = compared.filter(it => it.weft !== it.other && !differences.some(one => isMeant(one, it)))
    expect(unmeant.map(line), 'verdicts that differ and are not in the list of differences').toEqual([])
    for (const difference of differences) {
      const of = compared.filter(it => isOf(difference, it))
      expect(of.length, `${difference.what}: no case shows it`).toBeGreaterThan(0)
      const gone = of.filter(it => it.weft === it.other || !isMeant(difference, it))
      expect(gone.map(line), `${difference.what}: does not differ any more`).toEqual([])
    }
  },
  10 * minutes,
)
