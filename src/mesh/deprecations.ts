/** What contracts say of the end of a port: known words, real days, a successor that lives. Pure. */
import { nearest, type Problem, problem } from '../base/index.ts'
import { type Contract, day, type Mesh, outputPorts, portMeant } from '../domain/index.ts'
import { valueAt } from './contracts.ts'
import { meshProblems, unknownName } from './problems.ts'

const statuses = ['proposed', 'draft', 'active', 'deprecated', 'retired'] as const
const keys = ['since', 'until', 'successor', 'reason'] as const

export const deprecationProblems = (mesh: Mesh, contract: Contract): Problem[] => {
  const custom = valueAt(contract.body, ['customProperties'])
  const index = Array.isArray(custom) ? custom.findIndex(it => valueAt(it, ['property']) === 'deprecation') : -1
  const value: unknown = Array.isArray(custom) ? valueAt(custom[index], ['value']) : undefined
  const path = ['customProperties', index, 'value'] as const
  if (index < 0 && contract.status !== 'deprecated') return statusProblems(contract)
  const isPort = portMeant(mesh, contract.subject) !== undefined
  return [
    ...statusProblems(contract),
    ...(index < 0 ? [] : valueProblems(mesh, contract, value, path)),
    ...(isPort ? bareProblems(contract, index < 0 ? ['status'] : path) : []),
  ]
}

/** The standard allows any word: only one that is nearly ours is a slip. */
const statusProblems = (contract: Contract): Problem[] => {
  const { status } = contract
  if (statuses.some(it => it === status)) return []
  const meant = nearest(status, statuses)
  if (meant === undefined) return []
  return [
    problem(meshProblems, 'contract.unknown-status', `unknown status "${status}"`, {
      place: contract.at(['status']),
      found: status,
      expected: statuses.join(', '),
      help: `did you mean "${meant}"?`,
    }),
  ]
}

type Path = readonly (string | number)[]

const valueProblems = (mesh: Mesh, contract: Contract, value: unknown, path: Path): Problem[] => {
  const wrong = (message: string, at: Path, found: string, expected: string, help?: string): Problem =>
    problem(meshProblems, 'contract.wrong-deprecation', message, {
      place: contract.at([...path, ...at]),
      found,
      expected,
      ...(help === undefined ? {} : { help }),
    })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [wrong('a deprecation is no list of keys', [], String(value), keys.join(', '))]
  const problems: Problem[] = []
  for (const [key, it] of Object.entries(value)) {
    if (!keys.some(known => known === key)) {
      const meant = nearest(key, keys)
      const help = meant === undefined ? undefined : `did you mean "${meant}"?`
      problems.push(wrong(`unknown key "${key}" of a deprecation`, [key], key, keys.join(', '), help))
    } else if (typeof it !== 'string') problems.push(wrong(`${key} is no text`, [key], String(it), 'a text'))
    else if ((key === 'since' || key === 'until') && !day.safeParse(it).success)
      problems.push(wrong(`"${it}" is no date`, [key], it, 'a day of the calendar, as in "2026-10-01"'))
  }
  const { since, until, successor } = contract.deprecation ?? {}
  if (since !== undefined && until !== undefined && problems.length === 0 && until <= since)
    problems.push(wrong('it ends before it is deprecated', ['until'], until, `a day after ${since}`))
  if (successor !== undefined) problems.push(...successorProblems(mesh, contract, successor, [...path, 'successor']))
  return problems
}

const successorProblems = (mesh: Mesh, contract: Contract, successor: string, path: Path): Problem[] => {
  if (/^https?:/.test(successor)) return []
  const place = contract.at(path)
  const ports = [...outputPorts(mesh).values()].map(it => it.port)
  const others = ports.filter(it => it.subject !== contract.subject)
  const found = ports.find(it => it.subject === successor || it.contract?.id === successor)
  const retired = [...mesh.contracts.values()].find(it => it.status === 'retired' && it.id === successor)
  if (found === undefined && retired === undefined) {
    // A contract that no port keeps cannot be read.
    const ids = others.flatMap(it => it.contract?.id ?? [])
    const names = successor.split('.').length > 3 ? [...ids, ...others.map(it => it.subject)] : ids
    return [unknownName('mesh.unknown-contract', `no port keeps a contract "${successor}"`, successor, names, place)]
  }
  const subject = found?.subject ?? retired?.subject ?? successor
  const status = found?.contract?.status ?? retired?.status
  const isItself = subject === contract.subject
  if (!isItself && status !== 'retired' && status !== 'deprecated') return []
  return [
    problem(
      meshProblems,
      'contract.wrong-deprecation',
      isItself ? 'a port cannot succeed itself' : `the successor ${subject} is ${status} itself`,
      {
        place,
        found: successor,
        expected: 'another port that is neither deprecated nor retired',
      },
    ),
  ]
}

/** A deprecation that leaves its readers without a date, or without a place to go. */
const bareProblems = (contract: Contract, path: Path): Problem[] => {
  const { status, deprecation } = contract
  const place = contract.at(path)
  const warn = (message: string, found: string | undefined, expected: string): Problem =>
    problem(meshProblems, 'contract.bare-deprecation', message, { place, found, expected, subject: contract.subject })
  if (status === 'deprecated') {
    const missing = (['until', 'successor'] as const).filter(key => deprecation?.[key] === undefined)
    if (missing.length === 0) return []
    const words = missing.map(key => (key === 'until' ? 'until when' : 'what to read instead')).join(' and ')
    return [warn(`${contract.subject} is deprecated and does not say ${words}`, undefined, missing.join(', '))]
  }
  if (deprecation === undefined || status === 'retired') return []
  return [warn(`${contract.subject} has a deprecation, and its status is ${status}`, status, 'deprecated')]
}
