/** The tables of a session as column lineage wants them. */
import type { Session } from '../../src/engine/index.ts'
import type { Tables } from './cases.ts'

/** By name in lower case, with the schema where it is not `main`. */
export const tablesOf = async (session: Session): Promise<Tables> => {
  const rows = await session.rows(
    `select schema_name as space, table_name as name, column_name as "column", data_type as type from duckdb_columns()
     where not internal order by schema_name, table_name, column_index`,
  )
  const tables = new Map<string, { id: string; columns: { name: string; type: string }[] }>()
  for (const row of rows) {
    const id = row.space === 'main' ? String(row.name) : `${row.space}.${row.name}`
    const table = tables.get(id.toLowerCase()) ?? { id, columns: [] }
    tables.set(id.toLowerCase(), table)
    table.columns.push({ name: String(row.column), type: String(row.type) })
  }
  return tables
}
