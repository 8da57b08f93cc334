/** Writes a mesh of many products: each with one contract, one model and a few inputs, some of them products that many read. The same files each time. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const perDomain = 100
const kinds = [
  { logical: 'integer', physical: 'BIGINT', literal: '0::bigint', words: ['count', 'pieces', 'visits'] },
  { logical: 'string', physical: 'VARCHAR', literal: "'none'", words: ['country', 'status', 'channel', 'label'] },
  {
    logical: 'number',
    physical: 'DECIMAL(18,3)',
    literal: '0::decimal(18, 3)',
    words: ['revenue', 'cost', 'discount'],
  },
  { logical: 'date', physical: 'DATE', literal: "date '2020-01-01'", words: ['ordered_on', 'sent_on'] },
  {
    logical: 'timestamp',
    physical: 'TIMESTAMP',
    literal: "timestamp '2020-01-01 00:00:00'",
    words: ['seen_at', 'changed_at'],
  },
  { logical: 'boolean', physical: 'BOOLEAN', literal: 'false', words: ['is_new', 'is_open'] },
]

/** Numbers below a bound that look random (xorshift). */
const numbers = seed => {
  let state = seed
  return bound => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

/** Products in an order in which each comes after what it reads. */
const productsOf = count => {
  const next = numbers(20_260_113)
  const hubs = Math.max(1, Math.floor(count / 100))
  const products = []
  for (let index = 0; index < count; index++) {
    const domain = `domain-${String(Math.floor(index / perDomain)).padStart(3, '0')}`
    const name = `product-${String(index).padStart(5, '0')}`
    const columns = ['id', 'day']
    const picked = [kinds[0], kinds[3]]
    for (let n = 4 + next(15); n > 0; n--) {
      const kind = kinds[next(kinds.length)]
      picked.push(kind)
      columns.push(`${kind.words[next(kind.words.length)]}_${columns.length}`)
    }
    const inputs = new Set()
    if (index % perDomain > 0)
      for (let n = 1 + next(3); n > 0; n--) {
        const first = index - (index % perDomain)
        inputs.add(next(10) < 3 && index > hubs ? next(hubs) : first + next(index - first))
      }
    products.push({
      index,
      domain,
      name,
      dataset: `rows_${index}`,
      inputs: [...inputs].map(it => products[it]),
      columns: columns.map((column, at) => ({ name: column, kind: picked[at], isTagged: next(8) === 0 })),
    })
  }
  return products
}

const property = ({ name, kind, isTagged }, position) => `      - id: ${name}
        name: ${name}
        logicalType: ${kind.logical}
        physicalType: "${kind.physical}"
        description: What is known as ${name.replaceAll('_', ' ')}, as of the end of the day.
${position === 0 ? '        required: true\n        primaryKey: true\n        primaryKeyPosition: 1\n' : ''}${isTagged ? '        tags: [internal]\n' : ''}`

const contract = ({ domain, name, dataset, columns }) => `apiVersion: v3.2.0
kind: DataContract
id: ${domain}.${name}.v1
name: ${name}
version: 1.0.0
status: active
domain: ${domain}
description:
  purpose: Rows of ${name}, one for each id, for whoever counts or compares them.
  usage: Join it by id; read a range of days where that is enough.
  limitations: The last two days may still change.
schema:
  - id: ${dataset}
    name: ${dataset}
    logicalType: object
    physicalType: table
    description: One row for each id.
    properties:
${columns.map(property).join('')}    quality:
      - id: some_rows
        metric: rowCount
        mustBeGreaterThan: 0
        dimension: completeness
        severity: error
        description: An empty table is a join that went wrong.
slaProperties:
  - { property: retention, value: 5, unit: y }
team: { name: team-${domain} }
`

const product = ({ domain, name, inputs, index }) => `apiVersion: v1.1.0
kind: DataProduct
id: 3f6a1c52-7d0e-4b8a-9c11-${String(index).padStart(12, '0')}
name: ${name}
version: 1.0.0
status: active
type: ${inputs.length === 0 ? 'sourceAligned' : 'aggregate'}
domain: ${domain}
description:
  purpose: What ${domain} says about ${name}.
  usage: Read the newest version of its port.
${
  inputs.length === 0
    ? ''
    : `inputPorts:
${inputs.map(it => `  - { id: in_${it.index}, name: in_${it.index}, version: 1.0.0, contractId: ${it.domain}.${it.name}.v1 }\n`).join('')}`
}outputPorts:
  - id: out-v1
    name: out
    description: The rows.
    type: tables
    version: 1.0.0
    contractId: ${domain}.${name}.v1
support:
  - { channel: team-${domain}, url: "mailto:team-${domain}@mesh.example", tool: email, scope: issues }
team: { name: team-${domain} }
`

const model = ({ inputs, columns, index }) => {
  const next = numbers(index + 1)
  const expression = ({ name, kind }) => {
    if (inputs.length === 0) return `${kind.literal} as ${name}`
    if (name === 'id' || name === 'day') return `a.${name}`
    const from = next(inputs.length)
    const alias = 'abc'[from]
    const fit = inputs[from].columns.filter(it => it.kind === kind)
    if (fit.length === 0) return `${kind.literal} as ${name}`
    return `coalesce(${alias}.${fit[next(fit.length)].name}, ${kind.literal}) as ${name}`
  }
  const from = inputs.map((it, at) =>
    at === 0
      ? `from in_${it.index}.${it.dataset} a`
      : `left join in_${it.index}.${it.dataset} ${'abc'[at]} on ${'abc'[at]}.id = a.id`,
  )
  return `-- One row for each id, from ${inputs.length} inputs.
select
  ${columns.map(expression).join(',\n  ')}
${from.join('\n')}
${inputs.length === 0 ? '' : "where a.day >= date '2021-01-01'\n"}`
}

/** Three files for each product and one for each domain. Gives the products. */
export const generate = (folder, count) => {
  const products = productsOf(count)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'mesh.yaml'), 'apiVersion: weft/v1\nkind: Mesh\nid: many\nname: Many products\n')
  for (const domain of new Set(products.map(it => it.domain))) {
    mkdirSync(join(folder, 'domains', domain), { recursive: true })
    writeFileSync(
      join(folder, 'domains', domain, 'domain.yaml'),
      `apiVersion: weft/v1
kind: Domain
id: ${domain}
name: ${domain}
description: { purpose: "One of many." }
team:
  name: team-${domain}
  members: [{ username: owner@${domain}.example, name: Owner, role: owner }]
`,
    )
  }
  for (const it of products) {
    const place = join(folder, 'domains', it.domain, it.name)
    mkdirSync(join(place, 'contracts'), { recursive: true })
    mkdirSync(join(place, 'models'), { recursive: true })
    writeFileSync(join(place, `${it.name}.odps.yaml`), product(it))
    writeFileSync(contractFile(folder, it), contract(it))
    writeFileSync(modelFile(folder, it), model(it))
  }
  return products
}

export const contractFile = (folder, { domain, name }) =>
  join(folder, 'domains', domain, name, 'contracts', `${name}.v1.odcs.yaml`)

export const modelFile = (folder, { domain, name, dataset }) =>
  join(folder, 'domains', domain, name, 'models', `${dataset}.sql`)
