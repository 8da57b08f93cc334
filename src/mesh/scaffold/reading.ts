/** What a new port is made from: a port of another product, or two rows that say where to begin. Pure. */
import { didYouMean, problem, WeftError } from '../../base/index.ts'
import {
  type Column,
  type ColumnDocument,
  type Dataset,
  type DatasetDocument,
  isReserved,
  type Mesh,
  outputPorts,
  resolveSubject,
  sqlName,
} from '../../domain/index.ts'
import { meshProblems } from '../problems.ts'
import type { InputEntry } from './parts.ts'

export interface Reading {
  readonly input?: InputEntry
  readonly dataset: DatasetDocument
  readonly model: string
}

/** `from` is an output port; throws a usage error where none has that name. */
export const readingOf = (mesh: Mesh, from: string | undefined, dataset: string): Reading =>
  from === undefined ? begun(dataset) : readingPort(mesh, from, dataset)

const begun = (dataset: string): Reading => ({
  dataset: {
    name: dataset,
    logicalType: 'object',
    description: 'One row for each id.',
    properties: [
      {
        name: 'id',
        logicalType: 'integer',
        physicalType: 'BIGINT',
        required: true,
        primaryKey: true,
        primaryKeyPosition: 1,
      },
      { name: 'name', logicalType: 'string', physicalType: 'VARCHAR' },
    ],
  },
  model: `-- Two rows to begin with. A model reads input ports of the product, as in: select id, name from <input port>.<dataset>
select
  id::bigint as id,
  name
from (values (1, 'first'), (2, 'second')) as begun (id, name)
`,
})

const readingPort = (mesh: Mesh, from: string, name: string): Reading => {
  const ports = outputPorts(mesh)
  const resolved = resolveSubject(mesh, from, 'outputPort')
  const found = resolved.kind === 'one' ? ports.get(resolved.subject) : undefined
  const [dataset] = found?.port.datasets ?? []
  const contract = found?.port.contract
  if (found === undefined || dataset === undefined || contract === undefined) {
    const names = resolved.kind === 'many' ? resolved.choices : [...ports.keys()]
    throw new WeftError(
      'usage',
      problem(meshProblems, 'mesh.unknown-port', `no output port with a dataset is called "${from}"`, {
        found: from,
        expected: names.slice(0, 12).join(', '),
        help: didYouMean(from, names),
      }),
    )
  }
  const input = sqlName(found.port.name)
  return {
    input: { name: input, version: contract.version, contractId: contract.id },
    dataset: copyOf(dataset, name),
    model: `select\n${dataset.columns.map(column => `  ${quoted(column.name)}`).join(',\n')}\nfrom ${input}.${dataset.name}\n`,
  }
}

const quoted = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !isReserved(name) ? name : `"${name.replaceAll('"', '""')}"`

const copyOf = (dataset: Dataset, name: string): DatasetDocument => ({
  name,
  logicalType: 'object',
  ...(dataset.description === undefined ? {} : { description: dataset.description }),
  properties: dataset.columns.map(columnOf),
})

/** Structures and lists are named by their physical type alone. */
const columnOf = ({
  name,
  type,
  logicalType,
  nullable,
  primaryKeyPosition,
  description,
  classification,
}: Column): ColumnDocument => ({
  name,
  ...(/[[(]/.test(type.replace(/^DECIMAL\(.*\)$/, ''))
    ? {}
    : { logicalType: logicalType as ColumnDocument['logicalType'] }), // a contract of the mesh has it
  physicalType: type,
  ...(nullable ? {} : { required: true }),
  ...(primaryKeyPosition === undefined ? {} : { primaryKey: true, primaryKeyPosition }),
  ...(description === undefined ? {} : { description }),
  ...(classification === undefined ? {} : { classification }),
})
