/** A mesh of two products over daily files, with a dataset of each kind that can be built by increments. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface Variants {
  readonly events: number
  readonly totals: number
  readonly rolling: number
}

interface DailyModel {
  readonly product: 'a-base' | 'b-derived'
  readonly dataset: string
  readonly columns: Readonly<Record<string, string>>
  /** Keys of the pipeline, as YAML. */
  readonly pipeline: string
  readonly texts: readonly string[]
}

const daily: readonly DailyModel[] = [
  {
    product: 'a-base',
    dataset: 'events',
    columns: { day: 'DATE', ts: 'TIMESTAMP', k: 'INTEGER', v: 'INTEGER' },
    pipeline: 'partition: { column: day, grain: day }, inputs: { till: same }',
    texts: [
      'select ts::date as day, ts, k, v from till.events',
      'select ts::date as day, ts, k, v + 1 as v from till.events where v > 3',
    ],
  },
  {
    product: 'a-base',
    dataset: 'totals',
    columns: { day: 'DATE', k: 'INTEGER', n: 'BIGINT', total: 'BIGINT' },
    pipeline: 'partition: { column: day, grain: day }',
    texts: [
      'select day, k, count(*) as n, sum(v)::bigint as total from events group by day, k',
      'select day, k, count(*) as n, max(v)::bigint as total from events where v > 40 group by all',
    ],
  },
  {
    product: 'a-base',
    dataset: 'keys',
    columns: { k: 'INTEGER', n: 'BIGINT', last: 'TIMESTAMP' },
    pipeline: 'partition: { column: k, grain: value }',
    texts: ['select k, count(*) as n, max(ts) as last from events group by k'],
  },
  {
    product: 'a-base',
    dataset: 'ranks',
    columns: { k: 'INTEGER', place: 'BIGINT' },
    pipeline: '',
    texts: ['select k, row_number() over (order by sum(total) desc, k) as place from totals group by k'],
  },
  {
    product: 'b-derived',
    dataset: 'monthly',
    columns: { month: 'DATE', k: 'INTEGER', name: 'VARCHAR', total: 'BIGINT' },
    pipeline: 'partition: { column: month, grain: month }, inputs: { base: same, till: whole }',
    texts: [
      "select date_trunc('month', e.day)::date as month, e.k, max(x.name) as name, sum(e.v)::bigint as total from base.events e left join till.names x using (k) group by 1, 2",
    ],
  },
  {
    product: 'b-derived',
    dataset: 'rolling',
    columns: { day: 'DATE', total: 'BIGINT' },
    pipeline: 'partition: { column: day, grain: day }, inputs: { base: { lookback: 3d } }',
    texts: [
      'select day, sum(sum(total)) over (order by day range between interval 3 days preceding and current row)::bigint as total from base.totals group by day',
      'select t.day, sum(p.total)::bigint as total from (select distinct day from base.totals) t join base.totals p on p.day between t.day - 2 and t.day group by 1',
    ],
  },
  {
    product: 'b-derived',
    dataset: 'mixed',
    columns: { day: 'DATE', k: 'INTEGER' },
    pipeline: 'partition: { column: day, grain: month }',
    texts: ["select day, k from base.events where v > 30 union all select date '2024-01-01', k from till.names"],
  },
  {
    product: 'b-derived',
    dataset: 'quiet',
    columns: { day: 'DATE', k: 'INTEGER' },
    pipeline: 'partition: { column: day, grain: day }, inputs: { base: same }',
    texts: ['select e.day, e.k from base.events e anti join base.totals t on t.day = e.day and t.k = e.k and t.n > 1'],
  },
]

const textOf = (model: DailyModel, variants: Variants): string => {
  const chosen = { events: variants.events, totals: variants.totals, rolling: variants.rolling }
  const index = chosen[model.dataset as keyof typeof chosen] ?? 0 // other models have one text
  return model.texts[index] ?? model.texts[0] ?? ''
}

/** The models in an order in which each comes after what it reads. */
export const models = (variants: Variants): { product: string; dataset: string; text: string }[] =>
  daily.map(model => ({ product: model.product, dataset: model.dataset, text: textOf(model, variants) }))

const write = async (folder: string, path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

export const writeModels = async (folder: string, variants: Variants): Promise<void> => {
  for (const { product, dataset, text } of models(variants))
    await write(folder, `domains/d/${product}/models/${dataset}.sql`, `${text}\n`)
}

const contract = (id: string, schema: string, servers = ''): string => `apiVersion: v3.2.0
kind: DataContract
id: ${id}
version: 1.0.0
status: active
domain: d
${servers}schema:
${schema}
`

const table = (name: string, columns: Readonly<Record<string, string>>): string =>
  `  - name: ${name}\n    logicalType: object\n    properties:\n${Object.entries(columns)
    .map(([column, type]) => `      - { name: ${column}, physicalType: ${type} }`)
    .join('\n')}`

const source = (id: string, dataset: string, path: string, columns: Readonly<Record<string, string>>): string =>
  contract(id, table(dataset, columns), `servers:\n  - { server: files, type: local, path: "${path}", format: csv }\n`)

export const dailyMesh = async (folder: string): Promise<void> => {
  await write(
    folder,
    'mesh.yaml',
    'apiVersion: weft/v1\nkind: Mesh\nid: daily\ndefaultEnvironment: dev\nenvironments:\n  dev: { variables: {} }\n',
  )
  await write(
    folder,
    'domains/d/domain.yaml',
    'apiVersion: weft/v1\nkind: Domain\nid: d\nname: D\nteam: { name: t, members: [{ username: a@example.org, role: owner }] }\n',
  )
  const events = source('d.events.v1', 'events', 'data/*.csv', { ts: 'TIMESTAMP', k: 'INTEGER', v: 'INTEGER' })
  const names = source('d.names.v1', 'names', 'names.csv', { k: 'INTEGER', name: 'VARCHAR' })
  await write(folder, 'domains/d/a-base/contracts/events.v1.odcs.yaml', events)
  await write(folder, 'domains/d/b-derived/contracts/names.v1.odcs.yaml', names)
  const inputs = {
    'a-base': ['{ name: till, version: 1.0.0, contractId: d.events.v1 }'],
    'b-derived': [
      '{ name: base, version: 1.0.0, contractId: d.a-base.v1 }',
      '{ name: till, version: 1.0.0, contractId: d.names.v1 }',
    ],
  }
  for (const product of ['a-base', 'b-derived'] as const) {
    const own = daily.filter(model => model.product === product)
    const schema = own.map(model => table(model.dataset, model.columns)).join('\n')
    await write(folder, `domains/d/${product}/contracts/${product}.v1.odcs.yaml`, contract(`d.${product}.v1`, schema))
    await write(
      folder,
      `domains/d/${product}/${product}.odps.yaml`,
      `apiVersion: v1.1.0\nkind: DataProduct\nid: d.${product}\nname: ${product}\nversion: 1.0.0\nstatus: active\ndomain: d\ninputPorts:\n${inputs[product].map(it => `  - ${it}`).join('\n')}\noutputPorts:\n  - { name: ${product}, version: 1.0.0, type: tables, contractId: d.${product}.v1 }\nteam: { name: t }\n`,
    )
    const datasets = own
      .filter(model => model.pipeline !== '')
      .map(model => `  ${model.dataset}: { materialization: partitioned, ${model.pipeline} }`)
    await write(
      folder,
      `domains/d/${product}/pipeline.yaml`,
      `apiVersion: weft/v1\nkind: Pipeline\nproduct: d.${product}\ndatasets:\n${datasets.join('\n')}\n`,
    )
  }
}
