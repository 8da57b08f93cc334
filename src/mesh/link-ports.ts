/** Ports of a product and the contracts that they name. */
import { problem } from '../base/index.ts'
import { type Contract, type Dataset, type InputPort, type InputTarget, majorOf } from '../domain/index.ts'
import type { ContractEntry, Contracts } from './contracts.ts'
import { type ProductDraft, portName } from './drafts.ts'
import { meshProblems } from './problems.ts'

/** Gives each output port its contract, and each contract the port that keeps it. */
export const linkOutputs = (drafts: readonly ProductDraft[], contracts: Contracts): void => {
  for (const { outputs, document, definition, subject } of drafts) {
    outputs.forEach((port, index) => {
      const id = document.outputPorts?.[index]?.contractId
      if (id === undefined) return
      const entry =
        contracts.find(id, port.version) ??
        contracts.meant(id, port.version, definition.at(['outputPorts', index, 'contractId']))
      if (entry === undefined) return
      if (entry.provider !== undefined && entry.provider.port !== port.subject) {
        contracts.problems.push(
          problem(meshProblems, 'mesh.shared-contract', `contract ${id} is kept by ${entry.provider.port} already`, {
            place: definition.at(['outputPorts', index, 'contractId']),
            found: id,
            help: 'give each port a contract of its own',
          }),
        )
        return
      }
      port.entry = entry
      entry.provider = { product: subject, port: port.subject }
      if (port.version !== '' && entry.document.version !== port.version) {
        contracts.problems.push(
          problem(
            meshProblems,
            'contract.version-differs',
            `port ${port.name} is version ${port.version}, its contract ${entry.document.version}`,
            {
              place: definition.at(['outputPorts', index, 'version']),
              found: port.version,
              expected: entry.document.version,
              help: `${entry.definition.file}:${entry.definition.at(['version']).line} has the contract's version`,
            },
          ),
        )
      }
    })
  }
}

export const linkInputs = (
  draft: ProductDraft,
  contracts: Contracts,
  contractFor: (entry: ContractEntry) => Contract,
): InputPort[] =>
  draft.inputs.map((document, index) => {
    const name = portName(document.name)
    const subject = `${draft.subject}.${name}`
    const path = ['inputPorts', index] as const
    const place = draft.definition.at(path)
    const target = targetOf(draft, subject, index, contracts, contractFor)
    return { subject, name, target, place }
  })

const targetOf = (
  draft: ProductDraft,
  subject: string,
  index: number,
  contracts: Contracts,
  contractFor: (entry: ContractEntry) => Contract,
): InputTarget => {
  const document = draft.inputs[index]
  const { at } = draft.definition
  const id = document?.contractId
  if (document === undefined || id === undefined) {
    contracts.problems.push(noContract(document?.name ?? '', 'names no contract', at(['inputPorts', index])))
    return { kind: 'unknown' }
  }
  const place = at(['inputPorts', index, 'contractId'])
  const port = contracts.foreignPort(id)
  const entry =
    contracts.find(id, document.version) ??
    (port === undefined ? contracts.meant(id, document.version, place) : undefined)
  if (entry === undefined) return port === undefined ? { kind: 'unknown' } : { kind: 'port', port }
  if (document.version !== undefined && majorOf(document.version) !== entry.major) {
    contracts.problems.push(
      problem(
        meshProblems,
        'contract.version-differs',
        `input ${document.name} reads version ${document.version} of a contract that is ${entry.document.version}`,
        { place: at(['inputPorts', index, 'version']), found: document.version, expected: entry.document.version },
      ),
    )
  }
  if (entry.provider !== undefined) {
    if (entry.document.status === 'retired') {
      contracts.problems.push(
        problem(
          meshProblems,
          'contract.retired',
          `input ${document.name} reads ${entry.provider.port}, which is retired`,
          {
            place,
            found: id,
            help: 'read its successor, or leave the input out',
          },
        ),
      )
    }
    return { kind: 'port', port: entry.provider.port }
  }
  if ((entry.document.servers ?? []).length === 0) {
    contracts.problems.push(
      noContract(document.name, 'reads a contract that no product provides and no server holds', place),
    )
    return { kind: 'unknown' }
  }
  const contract = contractFor(entry)
  const datasets: Dataset[] = contract.datasets.map(it => ({ ...it, subject: `${subject}.${it.name}` }))
  return { kind: 'source', contract, datasets }
}

const noContract = (name: string, why: string, place: InputPort['place']) =>
  problem(meshProblems, 'source.no-contract', `input ${name} ${why}`, { place, found: name })
