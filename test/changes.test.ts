/** The golden pairs of contracts, through the loader: what each change is to readers and writers, and the version that follows. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type ContractDocument,
  type ContractSide,
  changeRules,
  compareContracts,
  writerVerdictOf,
} from '../src/domain/index.ts'
import { loadMesh } from '../src/mesh/index.ts'
import { contractPairs, writePair } from './support/contract-pairs.ts'
import { temporaryFolder } from './support/mesh.ts'

const load = async (folder: string): Promise<ContractSide> => {
  const { mesh, problems } = await loadMesh({ project: folder })
  expect(problems.filter(it => it.severity === 'error' && it.code.startsWith('document.'))).toEqual([])
  const [contract] = [...mesh.contracts.values()]
  if (contract === undefined) throw new Error(`no contract in ${folder}: ${JSON.stringify(problems)}`)
  return { document: contract.body as ContractDocument, at: contract.at }
}

describe('pairs of contracts', () => {
  test.each(contractPairs.map((pair, index) => [pair.name, pair, index] as const))('%s', async (_, pair, index) => {
    const { before, after } = await writePair(pair, join(await temporaryFolder(), String(index)))
    const found = compareContracts(await load(before), await load(after), { subject: 'orders.v2' })
    const reader = found.changes.some(it => it.reader === 'breaking')
      ? 'breaking'
      : found.changes.some(it => it.reader === 'additive')
        ? 'additive'
        : 'none'
    expect({
      rules: found.changes.map(it => it.rule).sort(),
      reader,
      writer: writerVerdictOf(found.changes),
      verdict: found.verdict,
      version: found.proposedVersion,
    }).toEqual({
      rules: [...pair.rules].sort(),
      reader: pair.reader,
      writer: pair.writer,
      verdict: pair.verdict,
      version: pair.version,
    })
  })

  test('every rule of contracts has a pair that shows it', () => {
    const seen = new Set(contractPairs.flatMap(it => it.rules))
    const unseen = Object.keys(changeRules).filter(it => !seen.has(it as keyof typeof changeRules))
    // A file of a contract has no ports.
    expect(unseen).toEqual(['port.added', 'port.removed', 'port.kind'])
  })

  test('names are told apart', () => {
    expect(new Set(contractPairs.map(it => it.name)).size).toBe(contractPairs.length)
  })
})
