/** All contracts of a mesh by id and major, which port provides each, and where keys of one lead in another. */
import { posix } from 'node:path'
import { didYouMean, nearest, type Place, type Problem, problem } from '../base/index.ts'
import {
  type ContractDocument,
  type Definition,
  type KeyTarget,
  majorOf,
  type Path,
  type Product,
  type ResolveKey,
} from '../domain/index.ts'
import { meshProblems } from './problems.ts'
import type { ReadDocument } from './read.ts'

export interface ContractEntry {
  readonly document: ContractDocument
  readonly definition: Definition
  readonly major: number
  /** The output port that keeps it. */
  provider?: { readonly product: string; readonly port: string }
  /** An input port reads it where it lies. */
  isSource?: boolean
}

/** The contracts that the files define, and those that ports of other roots keep. */
export class Contracts {
  readonly problems: Problem[] = []
  private readonly byId = new Map<string, ContractEntry[]>()
  private readonly foreign = new Map<string, { readonly port: string; readonly product: Product }>()

  constructor(documents: readonly ReadDocument[], foreign: readonly Product[]) {
    for (const it of documents) if (it.kind === 'DataContract') this.add(it.document, it.definition)
    for (const product of foreign) {
      for (const port of product.outputs)
        if (port.contract !== undefined) this.foreign.set(port.contract.id, { port: port.subject, product })
    }
  }

  all(): ContractEntry[] {
    return [...this.byId.values()].flat()
  }

  ids(): string[] {
    return [...this.byId.keys(), ...this.foreign.keys()]
  }

  /** By id; of several majors the one of the version, else the newest. */
  find(id: string, version?: string): ContractEntry | undefined {
    const entries = this.byId.get(id) ?? []
    return entries.find(it => version !== undefined && it.major === majorOf(version)) ?? entries.at(-1)
  }

  /** The port of another root that keeps the contract. */
  foreignPort(id: string): string | undefined {
    return this.foreign.get(id)?.port
  }

  /** Tells that a contract is not known, and gives the one that was most likely meant, so that one slip is told once. */
  meant(id: string, version: string | undefined, place: Place): ContractEntry | undefined {
    this.unknown(id, place)
    const name = nearest(id, this.byId.keys())
    return name === undefined ? undefined : this.find(name, version)
  }

  unknown(id: string, place: Place): void {
    this.problems.push(
      problem(meshProblems, 'mesh.unknown-contract', `no contract has the id "${id}"`, {
        place,
        found: id,
        expected: this.ids().length === 0 ? undefined : this.ids().slice(0, 12).join(', '),
        help: didYouMean(id, this.ids()),
      }),
    )
  }

  /** Follows the keys of one contract. */
  resolver(from: ContractEntry, subject: string): ResolveKey {
    return (target, path) => this.resolveKey(from, subject, target, path)
  }

  private add(document: ContractDocument, definition: Definition): void {
    const entry: ContractEntry = { document, definition, major: majorOf(document.version) }
    const before = this.byId.get(document.id) ?? []
    const same = before.find(it => it.major === entry.major)
    if (same !== undefined) {
      this.problems.push(duplicate('contract', document.id, definition.at(['id']), same.definition.at(['id'])))
      return
    }
    if (!/^v?\d+(\.\d+){0,2}([-+].*)?$/.test(document.version)) {
      this.problems.push(
        problem(meshProblems, 'contract.no-version', `"${document.version}" is no semantic version`, {
          place: definition.at(['version']),
          found: document.version,
          expected: 'three numbers, as in 1.0.0',
        }),
      )
    }
    this.byId.set(
      document.id,
      [...before, entry].sort((a, b) => a.major - b.major),
    )
  }

  private resolveKey(
    from: ContractEntry,
    subject: string,
    target: KeyTarget,
    path: Path,
  ): { dataset: string; column: string } | undefined {
    const { at, body } = from.definition
    const other = this.targetOf(from, target)
    if (other === undefined) {
      const foreign = target.contract === undefined ? undefined : this.foreign.get(target.contract)
      if (foreign !== undefined) return foreignKey(foreign, target)
      const named = contractPath(body, path)
      this.unknown(target.contract ?? target.file ?? '', at(target.contract === undefined ? path : named))
      return undefined
    }
    const dataset = (other.document.schema ?? []).find(it => it.name === target.dataset || it.id === target.dataset)
    if (dataset === undefined) {
      const names = (other.document.schema ?? []).map(it => it.name)
      this.problems.push(unknownIn('mesh.unknown-dataset', 'dataset', target.dataset, names, at(path), other))
      return undefined
    }
    const column = (dataset.properties ?? []).find(it => it.name === target.column || it.id === target.column)
    if (column === undefined) {
      const names = (dataset.properties ?? []).map(it => it.name)
      this.problems.push(unknownIn('mesh.unknown-column', 'column', target.column, names, at(path), other))
      return undefined
    }
    const prefix = other === from ? subject : (other.provider?.port ?? other.document.id)
    return { dataset: `${prefix}.${dataset.name}`, column: column.name }
  }

  private targetOf(from: ContractEntry, target: KeyTarget): ContractEntry | undefined {
    if (target.contract !== undefined) return this.find(target.contract)
    if (target.file === undefined) return from
    // From the folder of the contract that says it; a bare name may also lie elsewhere, if only one file has it.
    const file = posix.join(posix.dirname(from.definition.file), target.file)
    const exact = this.all().find(it => it.definition.file === file)
    if (exact !== undefined || target.file.includes('/')) return exact
    const named = this.all().filter(it => posix.basename(it.definition.file) === target.file)
    return named.length === 1 ? named[0] : undefined
  }
}

/** Two definitions with one id: told at the second. */
export const duplicate = (what: string, id: string, place: Place, first: Place): Problem =>
  problem(meshProblems, 'mesh.duplicate', `the ${what} "${id}" is defined twice`, {
    place,
    found: id,
    help: `the other one is in ${first.file}:${first.line}`,
  })

const unknownIn = (
  code: 'mesh.unknown-dataset' | 'mesh.unknown-column',
  what: string,
  name: string,
  names: readonly string[],
  place: Place,
  contract: ContractEntry,
): Problem =>
  problem(meshProblems, code, `contract ${contract.document.id} has no ${what} "${name}"`, {
    place,
    found: name,
    expected: names.slice(0, 20).join(', '),
    help: didYouMean(name, names),
  })

const foreignKey = (
  { port, product }: { readonly port: string; readonly product: Product },
  target: KeyTarget,
): { dataset: string; column: string } | undefined => {
  const found = product.outputs.find(it => it.subject === port)?.datasets.find(it => it.name === target.dataset)
  return found === undefined ? undefined : { dataset: found.subject, column: target.column }
}

/** The place of the custom property that names the other contract, beside the key's `to`. */
const contractPath = (body: unknown, path: Path): Path => {
  const parent = path.slice(0, -1)
  const relationship = valueAt(body, parent)
  const custom = valueAt(relationship, ['customProperties'])
  if (!Array.isArray(custom)) return path
  const index = custom.findIndex(it => valueAt(it, ['property']) === 'contract')
  return index < 0 ? path : [...parent, 'customProperties', index, 'value']
}

/** The value that a path leads to; undefined where it leads nowhere. */
export const valueAt = (body: unknown, path: Path): unknown => {
  let value: unknown = body
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step] // it has that key, as was asked before
  }
  return value
}
