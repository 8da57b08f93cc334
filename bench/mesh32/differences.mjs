/** Whether the tools made the same rows: bags of all columns but doubles, which are compared row by row of the key at 1e-9. */
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { measuredWeft } from '../support/process.mjs'

const schemas = { dbt: 'main', sqlmesh: 'shop' }

/** One line for each dataset of a tool that differs from Weft's; `others` has the database of each tool. */
export const differences = async (project, datasets, others, folder) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const ask = async text => Number((await connection.runAndReadAll(text)).getRows()[0][0])
  try {
    for (const [name, database] of Object.entries(others))
      await connection.run(`attach '${database}' as shop_${name} (read_only)`)
    const found = []
    for (const { name, readersName, columns, key } of datasets) {
      const file = join(folder, `${name}.parquet`)
      const all = columns.map(it => it.name).join(', ')
      const query = `select ${all} from ${readersName}`
      measuredWeft(['query', query, '--project', project, '--format', 'parquet', '--out', file])
      const doubles = columns.filter(it => it.type === 'DOUBLE').map(it => it.name)
      const exact = columns.filter(it => it.type !== 'DOUBLE').map(it => it.name)
      for (const tool of Object.keys(others)) {
        const ours = `read_parquet('${file}')`
        const theirs = `shop_${tool}.${schemas[tool]}.${name}`
        const rows = await ask(`select count(*) from ${ours}`)
        const other = await ask(`select count(*) from ${theirs}`)
        const bag = relation => `select ${exact.join(', ')} from ${relation}`
        const only = await ask(`select count(*) from (${bag(ours)} except all ${bag(theirs)})`)
        const far = doubles
          .map(
            it =>
              `not (a.${it} is not distinct from b.${it} or abs(a.${it} - b.${it}) <= 1e-9 * greatest(abs(a.${it}), abs(b.${it})))`,
          )
          .join(' or ')
        const on = key.map(it => `a.${it} = b.${it}`).join(' and ')
        const apart =
          doubles.length === 0
            ? 0
            : await ask(`select count(*) from ${ours} a join ${theirs} b on ${on} where (${far}) is not false`)
        if (rows !== other || only > 0 || apart > 0)
          found.push(`${name} of ${tool}: ${rows} rows and ${other}, ${only} only here, ${apart} with other doubles`)
      }
    }
    return found
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
