import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { formatFile } from './format.ts'
import { loadMesh } from './load.ts'
import { parseFile } from './yaml.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const write = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'weft-mesh-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

const product = `apiVersion: v1.1.0
kind: DataProduct
id: p1
name: Little Things
version: 1.0.0
status: active
domain: sales
outputPorts:
  - { name: things, version: 1.0.0, contractId: c1 }
`
const contract = `apiVersion: v3.1.0
kind: DataContract
id: c1
version: 1.0.0
status: active
schema:
  - name: things
    properties:
      - { name: id, logicalType: integer, required: true }
`

describe('a repository of standards only', () => {
  test('loads unmoved: content decides, the domain is made from the product', async () => {
    const folder = await write({
      'a/b/one.json.yaml': product,
      'contracts/c.yml': contract,
      'k8s.yaml': 'kind: Deployment\napiVersion: apps/v1\n',
    })
    const { mesh, problems } = await loadMesh({ project: folder })
    expect(problems).toEqual([])
    expect([...mesh.products.keys()]).toEqual(['sales.little-things'])
    expect(mesh.domains.get('sales')?.implied).toBe(true)
    expect(mesh.products.get('sales.little-things')?.outputs[0]?.datasets.map(it => it.subject)).toEqual([
      'sales.little-things.things.v1.things',
    ])
  })

  test('a contract without a product gets one', async () => {
    const folder = await write({ 'c.yaml': contract.replace('id: c1', 'id: c1\nname: Odd Ends\ndomain: stock') })
    const { mesh, problems } = await loadMesh({ project: folder })
    expect(problems).toEqual([])
    expect([...mesh.products.keys()]).toEqual(['stock.odd-ends'])
  })

  test('JSON is read as well', async () => {
    const folder = await write({
      'p.json': JSON.stringify({
        apiVersion: 'v1.0.0',
        kind: 'DataProduct',
        id: 'x',
        name: 'X',
        status: 'draft',
        version: '1.0.0',
      }),
    })
    const { mesh } = await loadMesh({ project: folder })
    expect([...mesh.products.keys()]).toEqual(['main.x'])
  })
})

describe('variables', () => {
  const meshFile = `apiVersion: weft/v1
kind: Mesh
id: m
defaultEnvironment: dev
environments:
  dev: { variables: { WHERE: here } }
  prod: { variables: { WHERE: there } }
`
  const source = contract.replace(
    'schema:',
    'servers:\n  - { server: s, type: local, path: "${WHERE}/x.csv", format: csv }\nschema:',
  )
  const reader = product
    .replace('outputPorts:', 'inputPorts:\n  - { name: files, version: 1.0.0, contractId: c1 }\noutputPorts:')
    .replace('\n  - { name: things, version: 1.0.0, contractId: c1 }', ' []')

  test('come from the environment of the mesh and from nowhere else', async () => {
    process.env.WHERE = 'the environment of the process'
    const folder = await write({ 'mesh.yaml': meshFile, 'p.yaml': reader, 'c.yaml': source })
    for (const [environment, where] of [
      ['dev', 'here/x.csv'],
      ['prod', 'there/x.csv'],
    ] as const) {
      const { mesh, problems } = await loadMesh({ project: folder, environment })
      expect(problems).toEqual([])
      const target = mesh.products.get('sales.little-things')?.inputs[0]?.target
      expect(target?.kind === 'source' ? target.contract.servers[0]?.location : undefined).toBe(where)
    }
  })

  test('without a value are a problem at their place, with the nearest name', async () => {
    const folder = await write({
      'mesh.yaml': meshFile,
      'p.yaml': reader,
      'c.yaml': source.replace('${WHERE}', '${WERE}'),
    })
    const { problems } = await loadMesh({ project: folder })
    expect(problems.map(it => [it.code, it.file, it.line, it.help])).toEqual([
      ['mesh.unknown-variable', 'c.yaml', 7, 'did you mean "WHERE"?'],
    ])
  })

  test('may have a default, and placeholders of queries are left alone', async () => {
    const text = source
      .replace('${WHERE}', '${ELSE:-over}')
      .replace(
        '    properties:',
        '    quality:\n      - { type: sql, query: "select count(*) from ${table}", mustBe: 0 }\n    properties:',
      )
    const folder = await write({ 'mesh.yaml': meshFile, 'p.yaml': reader, 'c.yaml': text })
    const { mesh, problems } = await loadMesh({ project: folder })
    expect(problems).toEqual([])
    const test = mesh.contracts.get('c1')?.datasets[0]?.rules.find(rule => rule.test.kind === 'sql')?.test
    expect(test).toMatchObject({ query: 'select count(*) from ${table}' })
    expect(mesh.contracts.get('c1')?.servers[0]?.location).toBe('over/x.csv')
  })

  test('an unknown environment names those that there are', async () => {
    const folder = await write({ 'mesh.yaml': meshFile })
    await expect(loadMesh({ project: folder, environment: 'prd' })).rejects.toMatchObject({
      kind: 'usage',
      problems: [{ expected: 'dev, prod', help: 'did you mean "prod"?' }],
    })
  })
})

describe('what does not fit', () => {
  const problemsOf = async (files: Readonly<Record<string, string>>) =>
    (await loadMesh({ project: await write(files) })).problems.map(it => [
      it.severity,
      it.code,
      it.file,
      it.line,
      it.column,
    ])

  test('two products of one name: told at the second, with the first as help', async () => {
    expect(
      await problemsOf({ 'a.yaml': product, 'b.yaml': product.replace('id: p1', 'id: p2'), 'c.yaml': contract }),
    ).toEqual([['error', 'mesh.duplicate', 'b.yaml', 4, 7]])
  })

  test('a port whose version is not that of its contract', async () => {
    expect(
      await problemsOf({ 'a.yaml': product, 'c.yaml': contract.replace('version: 1.0.0', 'version: 1.2.0') }),
    ).toEqual([['error', 'contract.version-differs', 'a.yaml', 9, 30]])
  })

  test('two ports that keep one contract', async () => {
    const second = product.replace('id: p1', 'id: p2').replace('name: Little Things', 'name: Other Things')
    expect(await problemsOf({ 'a.yaml': product, 'b.yaml': second, 'c.yaml': contract })).toEqual([
      ['error', 'mesh.shared-contract', 'b.yaml', 9, 49],
    ])
  })

  test('a version that YAML takes for a number says to quote it', async () => {
    const { problems } = await loadMesh({
      project: await write({ 'c.yaml': contract.replace('version: 1.0.0', 'version: 1.0') }),
    })
    expect(problems[0]).toMatchObject({ code: 'document.wrong-type', line: 4, column: 10 })
    expect(problems[0]?.help).toMatch(/quote the version/)
  })

  test('YAML that cannot be parsed, and two documents in a file', async () => {
    expect(await problemsOf({ 'a.yaml': 'kind: Domain\nid: "x\n' })).toEqual([['error', 'yaml.syntax', 'a.yaml', 3, 1]])
    expect((await problemsOf({ 'a.yaml': `${contract}---\nkind: Domain\n` })).map(it => it[1])).toEqual([
      'yaml.several-documents',
    ])
  })

  test('a model that no dataset has the name of is told', async () => {
    expect(
      await problemsOf({
        'x/a.yaml': product,
        'x/c.yaml': contract,
        'x/models/things.sql': 'select 1 as id',
        'x/models/thing.sql': 'select 1',
      }),
    ).toEqual([['warning', 'mesh.unused-file', 'x/models/thing.sql', 1, 1]])
  })

  test('domains that are inside one another in a circle', async () => {
    const domain = (id: string, parent: string): string =>
      `apiVersion: weft/v1\nkind: Domain\nid: ${id}\nparent: ${parent}\n`
    const codes = (await problemsOf({ 'a.yaml': domain('a', 'b'), 'b.yaml': domain('b', 'a') })).map(it => it[1])
    expect(new Set(codes)).toEqual(new Set(['mesh.parent-cycle']))
  })

  test('an older major keeps its own model, and the newest has the plain one', async () => {
    const two = product.replace(
      '  - { name: things',
      '  - { name: things, version: 2.0.0, contractId: c2 }\n  - { name: things',
    )
    const folder = await write({
      'x/a.yaml': two,
      'x/c.yaml': contract,
      'x/c2.yaml': contract.replace('id: c1', 'id: c2').replace('version: 1.0.0', 'version: 2.0.0'),
      'x/models/things.sql': 'select 2 as id;\n',
      'x/models/things.v1/things.sql': 'select 1 as id',
    })
    const { mesh } = await loadMesh({ project: folder })
    const models = mesh.products.get('sales.little-things')?.models.map(it => [it.dataset, it.file, it.text])
    expect(models).toEqual([
      ['sales.little-things.things.v2.things', 'x/models/things.sql', 'select 2 as id'],
      ['sales.little-things.things.v1.things', 'x/models/things.v1/things.sql', 'select 1 as id'],
    ])
  })
})

describe('places', () => {
  test('count characters, also behind those that take two units', () => {
    const { at } = parseFile('x.yaml', 'a: { b: "😀😀", c: 1 }\n')
    expect(at(['a', 'c'])).toMatchObject({ line: 1, column: 18 })
    expect(at(['a', 'c'], 'key')).toMatchObject({ line: 1, column: 15 })
    expect(at(['a', 'missing'])).toMatchObject({ line: 1, column: 4 })
  })
})

describe('fmt', () => {
  test('patches what it must and keeps every other byte', () => {
    const text = 'version: 1.0   # a comment\r\nname:   "x"  \r\ntext: |\r\n  kept  \r\n\r\n'
    expect(formatFile(text).text).toBe('version: "1.0"   # a comment\r\nname:   "x"\r\ntext: |\r\n  kept  \r\n')
  })

  const standards = join(import.meta.dirname, '../../../shared/standards')
  const examples = existsSync(standards)
    ? ['odcs/examples/v3.1', 'odcs/examples/v3.2', 'odps/examples'].flatMap(folder =>
        readdirSync(join(standards, folder)).map(name => join(standards, folder, name)),
      )
    : []

  test.skipIf(examples.length === 0)('leaves the untouched lines of all official examples as they are', async () => {
    for (const path of examples) {
      const before = await readFile(path, 'utf8')
      const { text, changes } = formatFile(before)
      const touched = new Set(changes.map(it => it.line))
      const [a, b] = [before.split('\n'), text.split('\n')]
      a.forEach((line, index) => {
        if (!touched.has(index + 1) && index < b.length) expect(b[index], `${path}:${index + 1}`).toBe(line)
      })
      expect(formatFile(text).changes, path).toEqual([])
    }
  })
})
