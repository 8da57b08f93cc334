/** The past of a source that overwrites it: validity intervals, made from what the model answers at each run. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import { type Dataset, validity } from '../../domain/index.ts'
import { quoteName, type RelationColumn, type Session, type WrittenFile } from '../../engine/index.ts'
import { pipelineProblems } from '../problems.ts'
import type { Previous } from './previous.ts'

export interface HistoryInput {
  readonly session: Session
  readonly dataset: Dataset
  /** What the model answers now, and what the dataset serves, under these names. */
  readonly now: string
  readonly before: string
  /** Columns that `before` has, by the names of today. */
  readonly known: readonly RelationColumn[]
  readonly nowMs: number
}

interface HistoryBuild {
  readonly session: Session
  readonly dataset: Dataset
  readonly columns: readonly { readonly id: number; readonly name: string; readonly type: string }[]
  /** The model. */
  readonly text: string
  readonly previous: Previous | undefined
  /** Existing, empty. */
  readonly folder: string
  readonly nowMs: number
}

/** The past is taken over from what is served, whatever was asked to be built again: it stands nowhere else. Throws `history.lost`, `history.unclear-key`. */
export const writeHistory = async (build: HistoryBuild): Promise<WrittenFile[]> => {
  const { session, dataset, columns, text, previous, folder, nowMs } = build
  const delivered = columns.filter(column => column.name !== validity.from && column.name !== validity.to)
  const times = new Set(columns.filter(column => !delivered.includes(column)).map(column => column.id))
  // A dataset that kept no history so far begins one.
  const isOwned = previous?.manifest.layout !== 'referenced'
  const hadTimes = isOwned && [...times].every(id => previous?.manifest.columns.some(column => column.id === id))
  if (hadTimes && (previous?.lost ?? 0) > 0) {
    throw new WeftError(
      'failed',
      problem(pipelineProblems, 'history.lost', `files of the history ${dataset.subject} are gone`, {
        found: previous?.lost === 1 ? '1 file is missing' : `${previous?.lost} files are missing`,
        subject: dataset.subject,
      }),
    )
  }
  const state = join(folder, 'state')
  await mkdir(state)
  const files = await session.write(text, { folder: state, columns: delivered })
  await session.define(['__now'], { kind: 'parquet', files: files.map(file => file.path), columns: delivered })
  const types = new Map(hadTimes ? previous?.manifest.columns.map(column => [column.id, column.type]) : [])
  const known = columns.filter(column => types.has(column.id)).map(it => ({ ...it, type: types.get(it.id) ?? it.type }))
  const before = hadTimes ? (previous?.manifest.files ?? []).map(file => previous?.path(file) ?? '') : []
  // Without a snapshot before there are the columns and no row.
  const shape = previous === undefined || !hadTimes ? columns : known
  await session.define(['__stored'], { kind: 'parquet', files: before, columns: shape })
  // In the types of today, so that values can be compared.
  const today = new Map(columns.map(column => [column.name, column.type]))
  const casts = shape.map(({ name }) => `cast(${quoteName(name)} as ${today.get(name)}) as ${quoteName(name)}`)
  await session.run(`create or replace temp view __before as select ${casts.join(', ')} from __stored`)
  const select = await historySelect({ session, dataset, now: '__now', before: '__before', known: shape, nowMs })
  return session.write(select, { folder, columns })
}

/**
 * The SELECT that takes a history further. A row of `now` whose key and values stand in an open interval changes nothing; another value closes the
 * interval and opens one; a key that is gone closes it. Intervals are half open: [valid_from, valid_to). A column that is new takes its values in
 * the open intervals without closing them. Throws `history.unclear-key`.
 */
export const historySelect = async (input: HistoryInput): Promise<string> => {
  const { dataset, now, before, known } = input
  const columns = dataset.columns
    .map(column => column.name)
    .filter(name => name !== validity.from && name !== validity.to)
  const keys = dataset.columns
    .filter(column => column.primaryKeyPosition !== undefined && column.name !== validity.from)
    .map(column => column.name)
  const unknown = keys.find(name => !known.some(column => column.name === name))
  if (unknown !== undefined) {
    throw new WeftError(
      'failed',
      problem(
        pipelineProblems,
        'history.unclear-key',
        `the key of ${dataset.subject} has a column that its past does not have`,
        {
          found: unknown,
          subject: dataset.subject,
          place: dataset.place,
          help: 'begin a new major, or leave the column out of the key',
        },
      ),
    )
  }
  await refuseUnclear(input, keys)
  const at = await instant(input)
  const knownNames = new Set(known.map(column => column.name))
  const compared = columns.filter(name => !keys.includes(name) && knownNames.has(name))
  const equal = (names: readonly string[]): string =>
    names.map(name => `n.${quoteName(name)} is not distinct from o.${quoteName(name)}`).join(' and ') || 'true'
  const list = (from: (name: string) => string): string => columns.map(from).join(', ')
  const old = (name: string): string => (knownNames.has(name) ? `o.${quoteName(name)}` : `null as ${quoteName(name)}`)
  const onKey = keys.map(name => `n.${quoteName(name)} = o.${quoteName(name)}`).join(' and ')
  const [from, to] = [quoteName(validity.from), quoteName(validity.to)]
  const open = `(select * from ${before} where ${to} is null) as o`
  return [
    `select ${list(old)}, o.${from}, o.${to} from ${before} as o where o.${to} is not null`,
    `select ${list(name => `n.${quoteName(name)}`)}, o.${from}, null from ${open} join ${now} as n on ${onKey} and ${equal(compared)}`,
    `select ${list(old)}, o.${from}, ${at} from ${open} anti join ${now} as n on ${onKey} and ${equal(compared)}`,
    `select ${list(name => `n.${quoteName(name)}`)}, ${at}, null from ${now} as n anti join ${open} on ${onKey} and ${equal(compared)}`,
  ].join('\nunion all\n')
}

/** Two rows of one key, or a row without one, have no interval of their own. */
const refuseUnclear = async ({ session, dataset, now }: HistoryInput, keys: readonly string[]): Promise<void> => {
  const names = keys.map(quoteName).join(', ')
  const isNull = keys.map(name => `${quoteName(name)} is null`).join(' or ')
  const [row] = await session.rows(
    `select (select count(*) from (select ${names} from ${now} group by all having count(*) > 1)) as twice, (select count(*) from ${now} where ${isNull}) as none`,
  )
  const [twice, none] = [Number(row?.twice ?? 0), Number(row?.none ?? 0)]
  if (twice === 0 && none === 0) return
  throw new WeftError(
    'failed',
    problem(pipelineProblems, 'history.unclear-key', `${dataset.subject} cannot tell which row follows which`, {
      found: twice > 0 ? `${twice} keys that more than one row has` : `${none} rows without a key`,
      expected: `one row for each ${keys.join(', ')}`,
      subject: dataset.subject,
      place: dataset.place,
    }),
  )
}

/** The run's instant, or just behind the latest that is recorded: a clock that was set back must not turn intervals round. */
const instant = async ({ session, before, nowMs }: HistoryInput): Promise<string> => {
  const at = `timestamp '${new Date(nowMs).toISOString().replace('Z', '')}'`
  const [row] = await session.rows(
    `select greatest(${at}, (select max(greatest(${quoteName(validity.from)}, ${quoteName(validity.to)})) + interval 1 microsecond from ${before}))::timestamp::varchar as at`,
  )
  return `timestamp '${String(row?.at)}'`
}
