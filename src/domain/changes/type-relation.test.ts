/** The table of types against the engine: what is called wider holds the extremes of the other without loss, what is not does not. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEngine } from '../../engine/index.ts'
import { typeRelation } from './type-relation.ts'

const folder = await mkdtemp(join(tmpdir(), 'weft-types-'))
const session = await (await openEngine('duckdb')).open({ memory: 256 * 1024 ** 2, threads: 1, scratch: folder })
afterAll(async () => {
  await session.close()
  await rm(folder, { recursive: true, force: true })
})

const whole = (bits: bigint, isSigned: boolean): string[] =>
  isSigned ? [`-${2n ** (bits - 1n)}`, `${2n ** (bits - 1n) - 1n}`] : ['0', `${2n ** bits - 1n}`]

/** Values at the ends of each type, as texts that the engine casts. */
const extremes: Readonly<Record<string, readonly string[]>> = {
  TINYINT: whole(8n, true),
  SMALLINT: whole(16n, true),
  INTEGER: whole(32n, true),
  BIGINT: whole(64n, true),
  HUGEINT: whole(128n, true),
  UTINYINT: whole(8n, false),
  USMALLINT: whole(16n, false),
  UINTEGER: whole(32n, false),
  UBIGINT: whole(64n, false),
  UHUGEINT: whole(128n, false),
  'DECIMAL(4,0)': ['-9999', '9999'],
  'DECIMAL(5,2)': ['-999.99', '999.99'],
  'DECIMAL(9,0)': ['-999999999', '999999999'],
  'DECIMAL(18,2)': ['-9999999999999999.99', '9999999999999999.99'],
  'DECIMAL(18,4)': ['-99999999999999.9999', '99999999999999.9999'],
  'DECIMAL(38,4)': ['9999999999999999999999999999999999.9999'],
  FLOAT: ['0.1', '3.4e38', '1e-40'],
  DOUBLE: ['0.1', '1.7e308', '9007199254740993'],
  DATE: ['0001-01-01', '9999-12-31'],
  TIMESTAMP_S: ['0001-01-01 00:00:01', '9999-12-31 23:59:59'],
  TIMESTAMP_MS: ['0001-01-01 00:00:00.001', '9999-12-31 23:59:59.999'],
  TIMESTAMP: ['0001-01-01 00:00:00.000001', '9999-12-31 23:59:59.999999'],
  TIMESTAMP_NS: ['1700-01-01 00:00:00.000000001', '2261-12-31 23:59:59.999999999'],
  BOOLEAN: ['true', 'false'],
  UUID: ['00000000-0000-0000-0000-000000000001'],
}

/** True where every extreme comes back as it was, by way of texts: not every cast is there both ways. */
const survives = async (from: string, to: string): Promise<boolean> => {
  const casts = (extremes[from] ?? []).map(it => {
    const value = `'${it}'::${from}`
    return `coalesce(try_cast(try_cast(${value} as ${to})::varchar as ${from}) = ${value}, false)`
  })
  try {
    const [row] = await session.rows(`select ${casts.join(' and ')} as it`)
    return row?.it === true
  } catch {
    // Some casts fail where try_cast is asked to try.
    return false
  }
}

/** Casts that lose nothing at the ends and are no widening all the same: another kind of value, or another form. */
const otherKinds = (from: string, to: string): boolean => {
  const isNumber = (type: string): boolean => /INT|DECIMAL|FLOAT|DOUBLE/.test(type)
  const isFloating = (type: string): boolean => type === 'FLOAT' || type === 'DOUBLE'
  return (
    isNumber(from) !== isNumber(to) ||
    from === 'BOOLEAN' ||
    // Powers of two and powers of ten less one are kinder than what lies between.
    isFloating(to) ||
    isFloating(from)
  )
}

const types = Object.keys(extremes)

test.each(types)('%s beside all others', async from => {
  for (const to of types.filter(it => it !== from)) {
    const isWider = typeRelation(from, to) === 'widened'
    if (isWider) expect(await survives(from, to), `${from} fits into ${to}`).toBe(true)
    else if (!otherKinds(from, to)) expect(await survives(from, to), `${from} does not fit into ${to}`).toBe(false)
    expect(typeRelation(to, from), `${to} beside ${from}`).toBe(
      isWider ? 'narrowed' : typeRelation(from, to) === 'narrowed' ? 'widened' : 'changed',
    )
  }
})

test.each([
  ['SMALLINT', 'FLOAT', 'widened'],
  ['INTEGER', 'FLOAT', 'changed'],
  ['INTEGER', 'DOUBLE', 'widened'],
  ['BIGINT', 'DOUBLE', 'changed'],
  ['DECIMAL(5,2)', 'DOUBLE', 'changed'],
  ['JSON', 'VARCHAR', 'widened'],
  ['VARCHAR', 'INTEGER', 'changed'],
  ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'changed'],
])('%s to %s is %s', (from, to, expected) => {
  expect(typeRelation(from, to)).toBe(expected)
})
