/** Every key of the standard that promises something of data has rows that keep it and rows that break it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine, type Session } from '../../src/engine/index.ts'
import { shared, temporaryFolder } from '../support/mesh.ts'
import { type CheckCase, judgeCase, writeCase } from './case.ts'
import { edgeCases } from './cases.ts'
import { basicKeys } from './standard.ts'
import { checkKeys } from './standard-quality.ts'

const keys = [...basicKeys, ...checkKeys]

let session: Session
let folder: string
beforeAll(async () => {
  folder = await temporaryFolder()
  session = await (await openEngine('duckdb')).open({ memory: 512 * 1024 ** 2, threads: 2, scratch: folder })
})
afterAll(() => session.close())

/** Ids of the checks that did not pass; whole ones where they could not be evaluated. */
const wrongOf = async (one: CheckCase): Promise<unknown[]> => {
  const place = join(folder, one.name.replace(/[^\w.]+/g, '-'))
  await writeCase(session, one, place)
  const verdict = await judgeCase(session, one, place, Date.now())
  if (verdict.kind !== 'checked') throw new Error(verdict.reason)
  expect(verdict.checks.length).toBeGreaterThan(0)
  return verdict.checks
    .filter(it => it.state !== 'passed')
    .map(it => (it.state === 'error' && it.kind !== 'sql' ? it : it.check))
}

describe.each(keys.filter(it => it.cases.length > 0))('$key', ({ cases }) => {
  test.each(cases)('$name', async one => expect(await wrongOf(one)).toEqual(one.fails))

  test('has rows that keep it and rows that break it', () => {
    expect(cases.some(it => it.fails.length === 0)).toBe(true)
    expect(cases.some(it => it.fails.length > 0)).toBe(true)
  })
})

describe('at the edges', () => {
  test.each(edgeCases)('$name', async one => expect(await wrongOf(one)).toEqual(one.fails))
})

/** Keys that the standard's JSON Schema has where it speaks of data. */
const keysOfStandard = async (): Promise<string[]> => {
  const text = await readFile(join(shared, 'standards', 'odcs', 'odcs-json-schema-v3.2.0.json'), 'utf8')
  const defs = JSON.parse(text).$defs
  const found = new Set<string>()
  const add = (of: string, names: object): void => {
    for (const name of Object.keys(names)) found.add(`${of}.${name}`)
  }
  for (const rule of defs.SchemaBaseProperty.allOf) {
    const types = [rule.if, ...(rule.if?.anyOf ?? [])].flatMap(it => it?.properties?.logicalType?.const ?? [])
    for (const type of types) add(type, rule.then?.properties?.logicalTypeOptions?.properties ?? {})
  }
  for (const one of defs.DataQualityOperators.oneOf) add('quality', one.properties)
  for (const metric of defs.DataQualityLibrary.properties.metric.enum) found.add(`quality.${metric}`)
  return [...found].filter(it => !it.endsWith('.undefined'))
}

test('no key of the standard is left out', async ({ skip }) => {
  const wanted = await keysOfStandard().catch(() => undefined)
  if (wanted === undefined) return skip('the standard is not beside the project')
  const told = new Set(
    keys.flatMap(({ key }) => {
      const [of = '', names = ''] = key.split(/\.(.*)/)
      return names.split(', ').flatMap(name => [`${of}.${name}`, `${of}.${name.replace('metric ', '')}`])
    }),
  )
  expect(wanted.length).toBeGreaterThan(40)
  expect(wanted.filter(it => !told.has(it))).toEqual([])
})
