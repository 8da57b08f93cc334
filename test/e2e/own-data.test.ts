/** First contact with own data: whatever the file, what `weft new source` writes passes check, apply and query without an edit. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { weft, weftJson } from '../support/cli.ts'
import { rows, shopCopy, temporaryFolder } from '../support/mesh.ts'
import { hasStandards, standardSchema, titled } from '../support/standards.ts'

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('')

/** Each file with the rows that a query must then find, by the columns that are asked for. */
const files: Readonly<
  Record<string, { readonly text: string | Buffer; readonly select?: string; readonly rows?: readonly unknown[] }>
> = {
  'no-header.csv': {
    text: lines(30, index => `${index},name ${index},2024-01-${String((index % 28) + 1).padStart(2, '0')}`),
    select: 'count(*), max(column_3)',
    rows: [30, '2024-01-28'],
  },
  'semicolon.csv': {
    text: 'Kunde;Betrag;Datum\nK1;1,25;31.03.2024\nK2;10,50;01.04.2024\n',
    select: 'sum(betrag), max(datum)',
    rows: ['11.75', '2024-04-01'],
  },
  'thousands.csv': {
    text: 'id,total\n1,"1,234.50"\n2,17.00\n3,"1,000,000.99"\n',
    select: 'sum(total)',
    rows: ['1001252.49'],
  },
  'latin.csv': {
    text: Buffer.from('id,Straße\n1,Müllerstraße\n2,Café\n', 'latin1'),
    select: 'min(strasse), max(strasse)',
    rows: ['Café', 'Müllerstraße'],
  },
  'tabs.tsv': { text: 'a\tb\n1\tx y\n2\tz\n', select: 'sum(a), min(b)', rows: [3, 'x y'] },
  'one-column.csv': { text: 'only\n1\n2\n3\n', select: 'sum(only_value)', rows: [6] },
  'nulls.csv': { text: 'id,nothing,n\n1,,NA\n2,,5\n3,,NA\n', select: 'count(nothing), sum(n)', rows: [0, 5] },
  'mixed.csv': { text: 'id,v\n1,5\n2,x\n3,2024-01-01\n', select: 'max(v)', rows: ['x'] },
  'reserved.csv': { text: 'select,order,Group\n1,2,3\n', select: 'order_value + group_value', rows: [5] },
  'duplicates.csv': {
    text: 'id,name,name,,ID\n1,a,b,c,7\n',
    select: 'name, name_2, column_4, id_2',
    rows: ['a', 'b', 'c', 7],
  },
  'unicode.csv': { text: 'ключ,名前,größe cm\n1,a,2.5\n2,b,3.5\n', select: 'sum(grosse_cm)', rows: ['6.0'] },
  'header-only.csv': { text: 'a,b\n', select: 'count(*)', rows: [0] },
  'codes.csv': {
    text: `plz,till,pieces\n${lines(60, index => `0${1000 + index},${17850 + index}.0,${index}`)}`,
    select: 'min(plz), min(till), typeof(min(till))',
    rows: ['01000', 17850, 'BIGINT'],
  },
  'two-dates.csv': {
    text: 'id,d,e\n1,31.12.2024,2024-01-01\n2,01.02.2024,2024-02-29\n',
    select: 'max(d), max(e)',
    rows: ['2024-12-31', '2024-02-29'],
  },
  'variable.csv': { text: 'a,b${x}\n${y},1\n', select: 'a', rows: ['${y}'] },
  'nested.json': {
    text: JSON.stringify([
      { id: 1, o: { x: 1.25, y: ['a', 'b'], z: {} }, n: null },
      { id: 2, o: { x: 2, y: [] }, more: 'q' },
    ]),
    select: 'sum(o.x), max(len(o.y))',
    rows: [3.25, 2],
  },
  'lines.ndjson': {
    text: '{"id":1,"amount":10.25,"code":"007"}\n{"id":2,"amount":3.1,"code":"008"}\n',
    select: 'sum(amount), min(code)',
    rows: ['13.35', '007'],
  },
  'packed.json.gz': {
    text: gzipSync('{"a":1}\n{"a":2,"b":{"c d":1,"order":[{"Unit Price":2.5}]}}\n'),
    select: 'sum(a), max(b.c_d), max(b.order_value[1].unit_price)',
    rows: [3, 1, 2.5],
  },
  'windows.csv': {
    text: Buffer.from('id,price\n1,5 \x80\n2,\x93caf\xe9\x94\n', 'latin1'),
    select: 'min(price), max(price)',
    rows: ['5 €', '“café”'],
  },
}

const slug = (file: string): string => file.replace(/\..*$/, '')

describe('a source that nobody has described', () => {
  test('is checked, built and queried at once, whatever it looks like', { timeout: 240_000 }, async () => {
    const project = await projectWith(files)
    for (const file of Object.keys(files)) {
      const made = await weft(['new', 'source', `data/${file}`, '--domain', 'own', '--no-input'], { cwd: project })
      expect({ file, code: made.code, stderr: made.stderr }).toMatchObject({ file, code: 0 })
    }

    const checked = await weftJson(['check', '--project', project])
    expect(checked.document.problems ?? []).toEqual([])
    expect((await weft(['fmt', '--check', '--project', project])).code).toBe(0)
    const applied = await weftJson(['apply', '--yes', '--project', project])
    expect({ code: applied.code, problems: applied.document.problems }).toEqual({ code: 0, problems: undefined })
    for (const [file, { select, rows: expected }] of Object.entries(files)) {
      const name = slug(file).replaceAll('-', '_')
      const [row] = await rows(project, `select ${select} from own.${name}.${name}`)
      expect({ file, row }).toEqual({ file, row: expected })
    }
  })

  test('may have hundreds of columns', async () => {
    const head = Array.from({ length: 500 }, (_, index) => `c${index}`).join(',')
    const project = await projectWith({ 'wide.csv': { text: `${head}\n${head.replaceAll('c', '')}\n` } })

    const made = await weft(['new', 'source', 'data/wide.csv', '--domain', 'own', '--no-input'], { cwd: project })

    expect(made.code).toBe(0)
    const { document } = await weftJson<{ counts: { columns: number } }>(['check', '--project', project])
    expect(document).toMatchObject({ ok: true, counts: { columns: 500 } })
  })

  test('is refused where it is empty, and nothing is written', async () => {
    const project = await projectWith({ 'empty.csv': { text: '' } })

    const { code, document } = await weftJson(['new', 'source', 'data/empty.csv', '--domain', 'own'], { cwd: project })

    expect({ code, found: document.problems?.[0]?.code }).toEqual({ code: 65, found: 'source.empty' })
    expect((await readdir(project)).sort()).toEqual(['.weft', 'data', 'mesh.yaml'].filter(it => it !== '.weft'))
  })

  test('keeps what its files call columns as physicalName, and tests a file by it', async () => {
    const text = 'Customer ID,Größe (cm),order,plain\n1,2.5,x,a\n2,3.5,y,b\n'
    const project = await projectWith({ 'odd.csv': { text } })
    await weft(['new', 'source', 'data/odd.csv', '--domain', 'own', '--no-input'], { cwd: project })
    const folder = join(project, 'domains/own/odd')
    const contract = parse(await readFile(join(folder, 'contracts/odd-files.v1.odcs.yaml'), 'utf8'))
    const named = (it: { name: string; physicalName?: string }) => [it.name, it.physicalName]
    expect(contract.schema[0].properties.map(named)).toEqual([
      ['customer_id', 'Customer ID'],
      ['grosse_cm', 'Größe (cm)'],
      ['order_value', 'order'],
      ['plain', undefined],
    ])
    expect(await readFile(join(folder, 'models/odd.sql'), 'utf8')).not.toContain('"')

    const test = async (content: string) => {
      await writeFile(join(project, 'next.csv'), content)
      return weftJson<{ checks: { check: string; state: string; found?: string }[] }>(
        ['test', 'own.odd.odd_files.lines', '--data', 'next.csv'],
        { cwd: project },
      )
    }
    const good = await test(text)
    expect({ code: good.code, failed: failed(good.document.checks) }).toEqual({ code: 0, failed: [] })
    const broken = await test('order,plain,Customer ID,Größe (cm)\nx,a,1,2.5\ny,b,2,tall\n')
    expect(failed(broken.document.checks)).toMatchObject([{ check: 'rejects', found: '1 of 2 lines are no rows' }])
    const shorter = await test('order,plain,Customer ID\nx,a,1\n')
    expect(failed(shorter.document.checks)).toMatchObject([
      { check: 'schema', found: expect.stringContaining('grosse_cm') },
    ])
  })

  test('never replaces what is there', async () => {
    const project = await projectWith({ 'orders.csv': { text: 'a,b\n1,2\n' } })
    const args = ['new', 'source', 'data/orders.csv', '--domain', 'own', '--no-input']
    await weft(args, { cwd: project })
    const file = join(project, 'domains/own/orders/models/orders.sql')
    await writeFile(file, 'select 1 as a, 2 as b')

    const { code, document } = await weftJson(args, { cwd: project })

    expect({ code, found: document.problems?.[0]?.code }).toEqual({ code: 64, found: 'scaffold.exists' })
    expect(await readFile(file, 'utf8')).toBe('select 1 as a, 2 as b')
  })

  test('is read with thousands of others as one glob', async () => {
    const days = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`day-${index}.csv`, { text: `day,n\n${index},1\n` }]),
    )
    const project = await projectWith(days)
    const made = await weft(
      [
        'new',
        'source',
        ...Object.keys(days).map(it => `data/${it}`),
        '--name',
        'days',
        '--domain',
        'own',
        '--no-input',
      ],
      { cwd: project },
    )
    expect(made.code).toBe(0)

    const applied = await weft(['apply', '--yes', '--project', project])

    expect(applied.code).toBe(0)
    expect(await rows(project, 'select count(*), sum(n) from own.days.days')).toEqual([[40, 40]])
  })

  test(titled('has a contract and a product that the official schemas accept'), async ({ skip }) => {
    if (!hasStandards) skip()
    const project = await projectWith({
      'people.csv': {
        text: `id,email,country,size\n${lines(60, index => `${index},u${index}@example.org,${index % 2 ? 'DE' : 'FR'},${index % 2 ? 'big' : 'small'}`)}`,
      },
    })
    await weft(['new', 'source', 'data/people.csv', '--domain', 'own', '--no-input'], { cwd: project })
    const folder = join(project, 'domains/own/people')
    const read = async (file: string): Promise<unknown> => parse(await readFile(join(folder, file), 'utf8'))
    const accepts = (schema: string, body: unknown): unknown => {
      const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(standardSchema(schema))
      return validate(body) ? [] : validate.errors
    }

    const contract = await read('contracts/people.v1.odcs.yaml')

    expect(accepts('odcs/odcs-json-schema-v3.2.0.json', contract)).toEqual([])
    expect(accepts('odcs/odcs-json-schema-v3.2.0.json', await read('contracts/people-files.v1.odcs.yaml'))).toEqual([])
    expect(accepts('odps/odps-json-schema-v1.1.0.json', await read('people.odps.yaml'))).toEqual([])
    expect(contract).toMatchObject({
      schema: [
        {
          properties: [
            { name: 'id', primaryKey: true, required: true, logicalType: 'integer' },
            { name: 'email', tags: ['personal'], logicalTypeOptions: { format: 'email' } },
            { name: 'country', logicalTypeOptions: { pattern: '^[A-Z]{2}$' } },
            { name: 'size', enum: [{ value: 'big' }, { value: 'small' }] },
          ],
        },
      ],
    })
  })
})

describe('in a mesh that is there', () => {
  test('the words of the mesh are used, and a product grows by a port without losing a byte', async () => {
    const shop = await shopCopy()
    await writeFile(
      join(shop, 'countries.csv'),
      `Country,Client,Email\n${lines(5, index => `C${index},${index},x${index}@example.org`)}`,
    )
    const product = join(shop, 'domains/marketing/segments/segments.odps.yaml')
    const before = await readFile(product, 'utf8')

    const made = await weft(
      ['new', 'source', 'countries.csv', '--product', 'marketing.segments', '--name', 'audience', '--no-input'],
      { cwd: shop },
    )

    expect({ code: made.code, stderr: made.stderr }).toMatchObject({ code: 0 })
    const after = await readFile(product, 'utf8')
    const kept = new Set(after.split('\n'))
    expect(before.split('\n').filter(line => !kept.has(line))).toEqual([])
    expect(after.split('\n').length - before.split('\n').length).toBe(2)
    const contract = await readFile(join(shop, 'domains/marketing/segments/contracts/audience.v1.odcs.yaml'), 'utf8')
    expect(parse(contract).schema[0].properties).toMatchObject([
      { name: 'country', authoritativeDefinitions: [{ url: 'weft:term/country' }] },
      { name: 'client', authoritativeDefinitions: [{ url: 'weft:term/customer' }] },
      { name: 'email', classification: 'personal' },
    ])
    expect((await weftJson(['check', '--project', shop])).document.problems ?? []).toEqual([])
  })

  test('a product begins from a port of another, from a template, or from two rows', async () => {
    const shop = await shopCopy()
    const at = { cwd: shop }
    const set = {
      domain: 'finance',
      team: 'counting-house',
      product: 'postage-costs',
      title: 'Postage costs',
      purpose: 'What parcels cost.',
      dataset: 'postage',
      input_port: 'orders',
      input_contract: 'sales.orders.v2',
      input_version: '2.1.0',
      input_dataset: 'orders',
      key: 'invoice_no',
      address: 'mailto:x@example.org',
    }

    const codes = [
      await weft(
        ['new', 'product', 'returned', '--domain', 'after-sales', '--from', 'sales.shop-orders.orders', '--no-input'],
        at,
      ),
      await weft(['new', 'product', 'plain', '--domain', 'brand-new', '--no-input'], at),
      await weft(['new', 'port', 'second', '--product', 'brand-new.plain', '--no-input'], at),
      await weft(['new', 'domain', 'warehouse', '--no-input'], at),
      await weft(
        [
          'new',
          'product',
          '--template',
          'department-report',
          ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
        ],
        at,
      ),
    ].map(it => it.code)

    expect(codes).toEqual([0, 0, 0, 0, 0])
    expect((await weftJson(['check', '--project', shop])).document.problems ?? []).toEqual([])
    const missing = await weftJson(['new', 'product', '--template', 'department-report', '--set', 'domain=finance'], at)
    expect({ code: missing.code, found: missing.document.problems?.[0]?.code }).toEqual({
      code: 64,
      found: 'scaffold.missing-value',
    })
  })
})

const failed = <Check extends { readonly state: string }>(checks: readonly Check[]): Check[] =>
  checks.filter(it => it.state === 'failed')

const projectWith = async (data: Readonly<Record<string, { readonly text: string | Buffer }>>): Promise<string> => {
  const project = await temporaryFolder()
  await mkdir(join(project, 'data'))
  await writeFile(join(project, 'mesh.yaml'), 'apiVersion: weft/v1\nkind: Mesh\nid: own\nname: Own\n')
  for (const [file, { text }] of Object.entries(data)) await writeFile(join(project, 'data', file), text)
  return project
}
