import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadMesh } from './load.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-life-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const contract = (major: number, more: string): string =>
  `apiVersion: v3.2.0\nkind: DataContract\nid: a.b.v${major}\nversion: ${major}.0.0\n${more}\nschema: [{ name: t, properties: [{ name: c, logicalType: string }] }]\n`

/** What is found in a product of two majors, the first of which says this of its end. */
const found = async (first: string, second = 'status: active') => {
  const project = await mkdtemp(join(folder, 'mesh-'))
  await mkdir(join(project, 'contracts'))
  await writeFile(join(project, 'mesh.yaml'), 'apiVersion: weft/v1\nkind: Mesh\nid: m\n')
  await writeFile(
    join(project, 'b.odps.yaml'),
    `apiVersion: v1.1.0\nkind: DataProduct\nid: b\nname: b\nversion: 2.0.0\nstatus: active\ndomain: a\noutputPorts:\n  - { name: o, version: 1.0.0, contractId: a.b.v1 }\n  - { name: o, version: 2.0.0, contractId: a.b.v2 }\n`,
  )
  await writeFile(join(project, 'contracts/1.odcs.yaml'), contract(1, first))
  await writeFile(join(project, 'contracts/2.odcs.yaml'), contract(2, second))
  return (await loadMesh({ project })).problems.map(it => [
    it.severity,
    it.code,
    it.line,
    it.found,
    it.help ?? it.expected,
  ])
}

const deprecated = (value: string): string =>
  `status: deprecated\ncustomProperties: [{ property: deprecation, vendor: weft, value: { ${value} } }]`

test('a deprecation with dates and a successor that lives is well', async () => {
  expect(await found(deprecated('since: 2026-11-01, until: 2027-01-10, successor: a.b.v2, reason: because'))).toEqual(
    [],
  )
  expect(await found(deprecated('until: 2027-01-10, successor: a.b.o.v2'))).toEqual([])
  expect(await found(deprecated('until: 2027-01-10, successor: "https://elsewhere.example/orders"'))).toEqual([])
})

test.each([
  [
    'until: 2027-02-30, successor: a.b.v2',
    'contract.wrong-deprecation',
    '2027-02-30',
    'a day of the calendar, as in "2026-10-01"',
  ],
  [
    'since: 2027-01-10, until: 2027-01-10, successor: a.b.v2',
    'contract.wrong-deprecation',
    '2027-01-10',
    'a day after 2027-01-10',
  ],
  [
    'untill: 2027-01-10, until: 2027-01-10, successor: a.b.v2',
    'contract.wrong-deprecation',
    'untill',
    'did you mean "until"?',
  ],
  [
    'until: 2027-01-10, successor: a.b.v1',
    'contract.wrong-deprecation',
    'a.b.v1',
    'another port that is neither deprecated nor retired',
  ],
  ['until: 2027-01-10, successor: a.b.v22', 'mesh.unknown-contract', 'a.b.v22', 'did you mean "a.b.v2"?'],
])('%s is refused', async (value, code, word, help) => {
  expect(await found(deprecated(value))).toEqual([['error', code, 6, word, help]])
})

test('a successor that ends as well is none', async () => {
  const value = 'until: 2027-01-10, successor: a.b.v2'
  for (const status of ['deprecated', 'retired']) {
    const wrong = (await found(deprecated(value), `status: ${status}`)).filter(it => it[0] === 'error')
    expect(wrong.map(it => it.slice(1, 4))).toEqual([['contract.wrong-deprecation', 6, 'a.b.v2']])
  }
})

test('a slip in a status is told, and a deprecation that does not say enough', async () => {
  expect(await found('status: depricated')).toEqual([
    ['error', 'contract.unknown-status', 5, 'depricated', 'did you mean "deprecated"?'],
  ])
  expect(await found('status: deprecated')).toEqual([
    ['warning', 'contract.bare-deprecation', 5, undefined, 'until, successor'],
  ])
  expect(await found(deprecated('until: 2027-01-10'))).toEqual([
    ['warning', 'contract.bare-deprecation', 6, undefined, 'successor'],
  ])
  const active = deprecated('until: 2027-01-10, successor: a.b.v2').replace('deprecated', 'active')
  expect(await found(active)).toEqual([['warning', 'contract.bare-deprecation', 6, 'active', 'deprecated']])
})
