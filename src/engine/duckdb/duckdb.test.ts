import { describe, expect, it } from 'vitest'
import { engineSuite } from '../engine.suite.ts'
import { openEngine } from '../index.ts'
import { columnsOf, useWorkspace } from '../workspace.suite.ts'

const open = () => openEngine('duckdb')

engineSuite('DuckDB', open)

describe('DuckDB alone', () => {
  const at = useWorkspace(open)

  it('writes every column with its field id', async () => {
    const path = await at().parquet("select 1 as a, 'x' as b", [
      { id: 7, name: 'a', type: 'INTEGER' },
      { id: 3, name: 'b', type: 'VARCHAR' },
    ])
    const rows = await at().session.rows('select name, field_id from parquet_schema(?) offset 1', [path])
    expect(rows).toEqual([
      { name: 'a', field_id: 7 },
      { name: 'b', field_id: 3 },
    ])
  })

  it('writes with the compression that is asked for', async () => {
    const [file] = await at().session.write('select i as a from range(10) t(i)', {
      folder: await at().emptyFolder(),
      columns: columnsOf(['a BIGINT']),
      compression: 'snappy',
    })
    const rows = await at().session.rows('select distinct compression from parquet_metadata(?)', [file?.path ?? ''])
    expect(rows).toEqual([{ compression: 'SNAPPY' }])
  })

  it('frees what a statement held when its loop ends early', async () => {
    const held = async (): Promise<number> => {
      const [row] = await at().session.rows(
        "select sum(memory_usage_bytes)::bigint as bytes from duckdb_memory() where tag in ('HASH_TABLE', 'ORDER_BY', 'COLUMN_DATA')",
      )
      return Number(row?.bytes)
    }
    const result = await at().session.query('select i, count(*) as n from range(300000) t(i) group by i')
    let during = 0
    for await (const batch of result.batches()) {
      expect(batch.rows).toBeGreaterThan(0)
      during = await held()
      break
    }
    expect(during).toBeGreaterThan(1_000_000)
    expect(await held()).toBeLessThan(during / 4)
  })

  it('has no extension that is fetched or loaded by itself', async () => {
    const rows = await at().session.rows(
      "select name, value from duckdb_settings() where name in ('autoinstall_known_extensions', 'autoload_known_extensions', 'allow_community_extensions') order by name",
    )
    expect(rows.map(row => row.value)).toEqual(['false', 'false', 'false'])
  })
})
