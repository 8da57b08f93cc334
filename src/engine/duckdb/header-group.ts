/** CSV files by the header that they have, where every file must have exactly the declared columns. */
import { nearest, problem, WeftError } from '../../base/index.ts'
import { type CsvHeader, readCsvHeader } from '../csv-header.ts'
import type { CsvOptions } from '../engine.ts'
import { engineProblems } from '../problems.ts'

interface HeaderGroup {
  readonly columns: CsvHeader['names']
  readonly emptyLines: number
  readonly files: readonly string[]
}

/** Groups files by the order of their columns. Throws `engine.bad-file` where a declared column is missing, or one is there that is not declared. */
export const groupByHeader = async (
  files: readonly string[],
  declared: readonly string[],
  options: CsvOptions,
): Promise<HeaderGroup[]> => {
  const groups = new Map<string, HeaderGroup & { files: string[] }>()
  const atOnce = 16
  for (let from = 0; from < files.length; from += atOnce) {
    const part = files.slice(from, from + atOnce)
    const headers = await Promise.all(part.map(file => readCsvHeader(file, options)))
    for (const [index, file] of part.entries()) {
      const { names: columns, emptyLines } = headers[index] ?? { names: [], emptyLines: 0 }
      const key = JSON.stringify([columns, emptyLines])
      const group = groups.get(key)
      if (group !== undefined) group.files.push(file)
      else {
        refuseOther(file, columns, declared)
        groups.set(key, { columns, emptyLines, files: [file] })
      }
    }
  }
  return [...groups.values()]
}

const refuseOther = (file: string, found: readonly string[], declared: readonly string[]): void => {
  const name = file.split('/').at(-1) ?? file
  const missing = declared.find(column => !found.includes(column))
  if (missing !== undefined) {
    const near = nearest(
      missing,
      found.filter(column => !declared.includes(column)),
    )
    throw badFile(
      `${name} has no column ${missing}`,
      found,
      declared,
      near === undefined ? undefined : `it has "${near}", which is not declared: was it renamed?`,
    )
  }
  const surplus = found.find(column => !declared.includes(column))
  if (surplus !== undefined)
    throw badFile(
      `${name} has a column ${surplus} that the contract does not declare`,
      found,
      declared,
      `declare it in the contract of the source`,
    )
}

const badFile = (
  message: string,
  found: readonly string[],
  declared: readonly string[],
  help: string | undefined,
): WeftError =>
  new WeftError(
    'failed',
    problem(engineProblems, 'engine.bad-file', message, {
      found: found.join(', '),
      expected: declared.join(', '),
      help,
    }),
  )
