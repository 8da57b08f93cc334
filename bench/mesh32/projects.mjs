/** The mesh as a dbt project and as a SQLMesh project: the same SQL, the same rules as tests and as audits. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Platform } from '../../dist/platform.js'

/** The days of the till's files, as the first model sees them. */
const daysOfSource = { lines: 'InvoiceDate::date' }

/** Every dataset as `{ name, sql, isByDay, key, columns, rules, reads }`; `sql` asks `table(name, isSame)` for what it reads. */
export const readMesh = async project => {
  const platform = await Platform.open({
    project,
    principal: { kind: 'operator', name: 'bench' },
    purpose: 'bench',
    signal: new AbortController().signal,
  })
  try {
    const mesh = await platform.parts.mesh()
    return [...mesh.products.values()].flatMap(product =>
      product.outputs.flatMap(port =>
        port.datasets.map(({ subject, name, columns, rules }) => {
          const pipeline = product.datasets[subject]
          const isByDay = pipeline?.materialization === 'partitioned'
          const siblings = port.datasets.map(it => it.name)
          // A sibling that is kept by day is read by day; an input as the pipeline says.
          const isSame = (input, dataset) =>
            isByDay &&
            (input === undefined
              ? product.datasets[`${port.subject}.${dataset}`]?.materialization === 'partitioned'
              : pipeline.inputs[input] === 'same')
          const text = product.models.find(it => it.dataset === subject).text
          return {
            name,
            subject,
            readersName: [product.domain, product.slug, name].map(it => it.replaceAll('-', '_')).join('.'),
            isByDay,
            columns,
            key: rules.find(it => it.test.kind === 'primaryKey').test.columns,
            tests: testsOf(rules),
            sql: table =>
              text.trim().replaceAll(/\b(from|join)(\s+)(?:(\w+)\.)?(\w+)/g, (all, word, space, input, dataset) => {
                const isDataset = input !== undefined || siblings.includes(dataset)
                return isDataset ? `${word}${space}${table(dataset, isSame(input, dataset))}` : all
              }),
          }
        }),
      ),
    )
  } finally {
    await platform.close()
  }
}

/** One test for each rule; what a key says is not said again by `unique`. */
const testsOf = rules => {
  const tests = rules.map(it => it.test)
  const key = tests.find(it => it.kind === 'primaryKey')
  return tests.filter(it => it.kind !== 'unique' || it.columns.join() !== key.columns.join())
}

const write = (folder, path, text) => {
  const file = join(folder, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, `${text}\n`)
}

const sqlValue = value => (typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value))

/** What each tool's user writes to read the files: all names and types given, nothing guessed. */
const sourcesIn = project => ({
  lines: `(select * replace (CustomerID::bigint as CustomerID) from read_csv('${project}/data/orders/*.csv.gz', header = true, auto_detect = false, delim = ',', quote = '"', columns = {'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR', 'Description': 'VARCHAR', 'Quantity': 'INTEGER', 'InvoiceDate': 'TIMESTAMP', 'UnitPrice': 'DECIMAL(18,3)', 'CustomerID': 'DOUBLE', 'Country': 'VARCHAR'}))`,
  countries: `read_csv('${project}/reference/countries.csv', header = true, all_varchar = true)`,
})

const isSource = (reader, name) =>
  (reader === 'order_lines' && name === 'lines') || (reader === 'countries' && name === 'countries')

const operators = {
  mustBeGreaterThan: value => `found > ${value}`,
  mustBeLessThan: value => `found < ${value}`,
  mustBeBetween: ([low, high]) => `found between ${low} and ${high}`,
  mustBe: value => `found = ${value}`,
}
const holds = ({ operator, value }) => operators[operator](value)

/** A rule about one row as a condition that is not false for a good one. */
const condition = {
  minimum: it => `${it.column} >= ${sqlValue(it.value)}`,
  maximum: it => `${it.column} <= ${sqlValue(it.value)}`,
  pattern: it => `regexp_matches(${it.column}, ${sqlValue(it.pattern)})`,
}

const nameOf = subject => subject.split('.').at(-1)

/** A dbt-duckdb project: incremental by delete and insert for what is kept by day, a test for each rule. Returns the number of tests. */
export const writeDbt = (folder, project, datasets) => {
  const sources = sourcesIn(project)
  write(
    folder,
    'dbt_project.yml',
    `name: mesh32
version: "1.0"
profile: mesh32
flags: { send_anonymous_usage_stats: false, use_colors: false }
models: { mesh32: { +materialized: table } }`,
  )
  write(
    folder,
    'profiles.yml',
    `mesh32: { target: dev, outputs: { dev: { type: duckdb, path: ${folder}/shop_dbt.duckdb, threads: 2 } } }`,
  )
  const tables = Object.entries(sources).map(([name, location]) => ({
    name,
    config: { meta: { external_location: location, formatter: 'template' } },
  }))
  write(folder, 'models/sources.yml', JSON.stringify({ version: 2, sources: [{ name: 'files', tables }] }))
  for (const [name, text] of Object.entries(dbtTests)) write(folder, `tests/generic/${name}.sql`, text)
  let count = 0
  const models = datasets.map(({ name, sql, isByDay, tests }) => {
    const table = (read, isSame) => {
      const relation = isSource(name, read) ? `{{ source('files', '${read}') }}` : `{{ ref('${read}') }}`
      const day = isSource(name, read) ? daysOfSource[read] : 'day'
      return isSame
        ? `(select * from ${relation} {% if is_incremental() %} where ${day} > (select max(day) from {{ this }}) {% endif %})`
        : relation
    }
    const config = isByDay
      ? "{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}\n"
      : ''
    write(folder, `models/${name}.sql`, config + sql(table))
    count += tests.length
    return { name, data_tests: tests.map(dbtTest) }
  })
  write(folder, 'models/schema.yml', JSON.stringify({ version: 2, models }))
  return count
}

const dbtTests = {
  unique_together: `{% test unique_together(model, columns) %}
select {{ columns | join(', ') }} from {{ model }} group by {{ columns | join(', ') }} having count(*) > 1
{% endtest %}`,
  every_row: `{% test every_row(model, condition) %}select * from {{ model }} where not ({{ condition }}){% endtest %}`,
  found: `{% test found(model, query, holds) %}
select * from ({{ query | replace('@this', model | string) }}) as t(found) where not ({{ holds }})
{% endtest %}`,
}

const dbtTest = test => {
  const it = (name, args) => ({ [name]: { arguments: args } })
  switch (test.kind) {
    case 'required':
      return it('not_null', { column_name: test.column })
    case 'primaryKey':
    case 'unique':
      return test.columns.length === 1
        ? it('unique', { column_name: test.columns[0] })
        : it('unique_together', { columns: test.columns })
    case 'enum':
      return it('accepted_values', { column_name: test.column, values: test.values })
    case 'foreignKey':
      return it('relationships', {
        column_name: test.columns[0],
        to: `ref('${nameOf(test.to)}')`,
        field: test.toColumns[0],
      })
    case 'rowCount':
      return it('found', { query: 'select count(*) from @this', holds: holds(test.threshold) })
    case 'sql':
      return it('found', { query: test.query.replace('${table}', '@this'), holds: holds(test.threshold) })
    default:
      return it('every_row', { condition: condition[test.kind](test) })
  }
}

/** A SQLMesh project: INCREMENTAL_BY_TIME_RANGE for what is kept by day, an audit for each rule, all rules about single rows in one. */
export const writeSqlmesh = (folder, project, datasets) => {
  const sources = sourcesIn(project)
  write(
    folder,
    'config.yaml',
    `gateways: { local: { connection: { type: duckdb, database: ${folder}/shop_sqlmesh.duckdb } } }
default_gateway: local
model_defaults: { dialect: duckdb, start: 2010-12-01, cron: '@daily' }`,
  )
  write(
    folder,
    'audits/relationship.sql',
    `AUDIT (name relationship);
SELECT * FROM @this_model WHERE @column IS NOT NULL AND @column NOT IN (SELECT @key FROM @to)`,
  )
  for (const { name, sql, isByDay, tests } of datasets) {
    const table = (read, isSame) => {
      const relation = isSource(name, read) ? sources[read] : `shop.${read}`
      const day = isSource(name, read) ? daysOfSource[read] : 'day'
      return isSame ? `(select * from ${relation} where ${day} between @start_date and @end_date)` : relation
    }
    const { called, written } = sqlmeshAudits(name, tests)
    const kind = isByDay ? 'INCREMENTAL_BY_TIME_RANGE (time_column day)' : 'FULL'
    write(
      folder,
      `models/${name}.sql`,
      [
        `MODEL (name shop.${name}, kind ${kind}, depends_on (${keysOf(tests).join(', ')}), audits (${called.join(', ')}))`,
        sql(table),
        ...written,
      ].join(';\n\n'),
    )
  }
}

/** What audits read has to be there before, as what models read. */
const keysOf = tests => tests.filter(it => it.kind === 'foreignKey').map(it => `shop.${nameOf(it.to)}`)

const sqlmeshAudits = (name, tests) => {
  const required = tests.filter(it => it.kind === 'required').map(it => it.column)
  const criteria = tests.flatMap(it => (it.kind in condition ? [condition[it.kind](it)] : []))
  const called = [`not_null(columns := (${required.join(', ')}))`]
  if (criteria.length > 0) called.push(`forall(criteria := (${criteria.join(', ')}))`)
  const written = []
  tests.forEach((test, index) => {
    if (test.kind === 'primaryKey')
      called.push(`unique_combination_of_columns(columns := (${test.columns.join(', ')}))`)
    else if (test.kind === 'unique')
      called.push(
        `unique_combination_of_columns(columns := (${test.columns[0]}), condition := ${test.columns[0]} is not null)`,
      )
    else if (test.kind === 'enum')
      called.push(`accepted_values(column := ${test.column}, is_in := (${test.values.map(sqlValue).join(', ')}))`)
    else if (test.kind === 'foreignKey')
      called.push(
        `relationship(column := ${test.columns[0]}, to := shop.${nameOf(test.to)}, key := ${test.toColumns[0]})`,
      )
    else if (test.kind === 'rowCount' || test.kind === 'sql') {
      const query =
        test.kind === 'sql' ? test.query.replace('${table}', '@this_model') : 'select count(*) from @this_model'
      const audit = `${name}_${index}`
      called.push(audit)
      written.push(`AUDIT (name ${audit});\nSELECT * FROM (${query}) AS t(found) WHERE NOT (${holds(test.threshold)})`)
    }
  })
  return { called, written }
}
