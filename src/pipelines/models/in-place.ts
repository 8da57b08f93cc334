/** A dataset that is read where a source has it: whether its model and its contract take the source's columns as they are. Pure. */
import { type Place, type Problem, problem } from '../../base/index.ts'
import type { Dataset, InputTarget, Mesh, OutputPort, Product } from '../../domain/index.ts'
import { placeInText, plainCopy, type Select } from '../../sql/index.ts'
import { formatOf } from '../sources/source.ts'
import { findVisible, visibleRelations } from './names.ts'
import { modelProblems } from './problems.ts'

/** What `check` can tell without looking at a file; a build looks at their schemas. None for a dataset that is kept otherwise. */
export const inPlaceProblems = (
  mesh: Mesh,
  product: Product,
  port: OutputPort,
  dataset: Dataset,
  select: Select,
): Problem[] => {
  if (product.datasets[dataset.subject]?.materialization !== 'referenced') return []
  const model = product.models.find(it => it.dataset === dataset.subject)
  const at = (position = 0): Place =>
    model === undefined ? dataset.place : { file: model.file, ...placeInText(model.text, position) }
  const refuse = (found: string, expected: string, place = at()): Problem =>
    problem(modelProblems, 'model.not-in-place', `${dataset.subject} cannot be read where its source has it`, {
      place,
      found,
      expected,
      subject: dataset.subject,
    })
  const copy = plainCopy(select)
  const example = 'select * from <input port>.<dataset>'
  if (!copy.ok) return [refuse(copy.reason, example, at(copy.position))]
  const read = findVisible(visibleRelations(mesh, product, port.major), copy.table)
  const target = product.inputs.find(it => it.name === read?.via)?.target
  if (read === undefined || target?.kind !== 'source')
    return [refuse(`${copy.table.join('.')} is no source`, 'a dataset of an input port whose contract has a server')]
  const format = formatSaid(target)
  if (format !== 'parquet') return [refuse(format, 'files of Parquet')]
  return dataset.columns.flatMap(column => {
    const found = read.dataset.columns.find(it => it.name === column.name)
    if (found?.type === column.type) return []
    const what = found === undefined ? `${copy.table.join('.')} has no ${column.name}` : `${found.name} ${found.type}`
    return [refuse(what, `${column.name} ${column.type}`, column.place)]
  })
}

/** As far as the contract tells it. */
const formatSaid = ({ contract }: InputTarget & { readonly kind: 'source' }): string => {
  const server = contract.servers.find(it => it.type === 'local' || it.type === 'file')
  if (server === undefined) return contract.servers[0]?.type ?? 'no server'
  const said = server.format?.toLowerCase() ?? formatOf(server.location)
  // A folder: its files tell.
  return /[/\\]|^[^a-z]*$/.test(said) || !server.location.includes('.') ? (server.format ?? 'parquet') : said
}
