/** Everything that can be told of an expression without data: unknown names and functions, operands of the wrong type. Pure. */
import { didYouMean } from '../../base/index.ts'
import type { Expression, Mistake } from './expression.ts'

export type ValueType = 'text' | 'number' | 'boolean' | 'list' | 'duration'

/** What a name stands for. */
export interface Name {
  /** Absent where only data can tell. */
  readonly type?: ValueType
  /** It is a list, and so is every path through it. */
  readonly isMany?: boolean
  /** What may follow behind a dot; anything where absent. */
  readonly names?: () => Names
}

export type Names = Readonly<Record<string, Name>>

export interface Scope {
  readonly names: Names
  /** Other names may stand at the beginning too: those of columns, which only the mesh knows. */
  readonly isOpen: boolean
}

/** How many arguments a function takes. */
const functions: Readonly<Record<string, 0 | 1>> = { count: 1, lower: 1, upper: 1, length: 1, today: 0, now: 0 }

/** In the order of the text. */
export const checkExpression = (expression: Expression, scope: Scope): Mistake[] => {
  const mistakes = [...claimMistakes(expression, scope), ...inside(expression, scope)]
  return mistakes.sort((a, b) => a.from - b.from)
}

const inside = (it: Expression, scope: Scope): Mistake[] => {
  switch (it.kind) {
    case 'or':
    case 'and':
      return [it.left, it.right].flatMap(side => [...claimMistakes(side, scope), ...inside(side, scope)])
    case 'not':
      return [...claimMistakes(it.of, scope), ...inside(it.of, scope)]
    case 'compare':
      return [...compareMistakes(it, scope), ...inside(it.left, scope), ...inside(it.right, scope)]
    case 'add':
      return [...addMistakes(it, scope), ...inside(it.left, scope), ...inside(it.right, scope)]
    case 'list':
      return it.items.flatMap(item => inside(item, scope))
    case 'call':
      return [...callMistakes(it), ...it.arguments.flatMap(one => inside(one, scope))]
    case 'exists':
      return pathMistakes(it.of, scope)
    case 'path':
      return pathMistakes(it, scope)
    case 'value':
    case 'duration':
      return []
  }
}

/** A claim is true or false; a text or a number is neither. */
const claimMistakes = (it: Expression, scope: Scope): Mistake[] => {
  const type = typeOf(it, scope)
  if (type === undefined || type === 'boolean') return []
  const span = spanOf(it)
  if (span === undefined) return []
  const help = it.kind === 'path' ? `say what must hold of it: exists ${it.path.join('.')}` : undefined
  return [{ message: `a ${type} is neither true nor false`, ...span, ...(help === undefined ? {} : { help }) }]
}

const spanOf = (it: Expression): { from: number; to: number } | undefined => {
  switch (it.kind) {
    case 'path':
    case 'value':
    case 'duration':
    case 'list':
      return { from: it.from, to: it.to }
    case 'call':
      return { from: it.from, to: it.from + it.name.length }
    case 'add':
      return { from: it.from, to: it.from + 1 }
    default:
      return undefined
  }
}

const callMistakes = (it: Expression & { kind: 'call' }): Mistake[] => {
  const takes = Object.hasOwn(functions, it.name) ? functions[it.name] : undefined
  const span = { from: it.from, to: it.from + it.name.length }
  const known = Object.keys(functions)
  if (takes === undefined) {
    const help = didYouMean(it.name, known)
    const message = `unknown function "${it.name}"; known: ${known.join(', ')}`
    return [{ message, ...span, ...(help === undefined ? {} : { help }) }]
  }
  if (it.arguments.length === takes) return []
  return [{ message: `${it.name} takes ${takes === 1 ? 'one argument' : 'no argument'}`, ...span }]
}

const compareMistakes = (it: Expression & { kind: 'compare' }, scope: Scope): Mistake[] => {
  const span = { from: it.from, to: it.from + it.operator.length }
  const [left, right] = [typeOf(it.left, scope), typeOf(it.right, scope)]
  if (it.operator === 'matches') return matchMistakes(it, left, span)
  if (it.operator === 'in')
    return right === undefined || right === 'list' ? [] : [{ message: `"in" takes a list, not a ${right}`, ...span }]
  if (left === undefined || right === undefined || left === right) return []
  return [{ message: `a ${left} is never ${it.operator} a ${right}`, ...span }]
}

const matchMistakes = (
  { right }: Expression & { kind: 'compare' },
  left: ValueType | undefined,
  span: { from: number; to: number },
): Mistake[] => {
  if (left !== undefined && left !== 'text') return [{ message: `a ${left} matches no pattern`, ...span }]
  if (right.kind !== 'value' || typeof right.value !== 'string')
    return [{ message: '"matches" takes a pattern in quotes', ...span }]
  const at = { from: right.from, to: right.to }
  // RE2 has neither, so that a pattern takes time in proportion to the text.
  if (/\(\?<?[=!]|\\[1-9]/.test(right.value))
    return [{ message: 'a pattern of RE2 has no look-around and no back-reference', ...at }]
  try {
    new RegExp(right.value, 'u')
    return []
  } catch {
    return [{ message: 'the pattern is no regular expression', ...at }]
  }
}

const addMistakes = (it: Expression & { kind: 'add' }, scope: Scope): Mistake[] =>
  [it.left, it.right].flatMap(side => {
    const type = typeOf(side, scope)
    // Dates are texts in files, and a duration can be added to one.
    const isFit = type === undefined || type === 'number' || type === 'duration' || type === 'text'
    return isFit ? [] : [{ message: `"${it.operator}" takes no ${type}`, from: it.from, to: it.from + 1 }]
  })

/** Undefined where only data can tell, and of null, which is compared with everything. */
const typeOf = (it: Expression, scope: Scope): ValueType | undefined => {
  switch (it.kind) {
    case 'value':
      if (it.value === null) return undefined
      return typeof it.value === 'string' ? 'text' : typeof it.value === 'number' ? 'number' : 'boolean'
    case 'duration':
    case 'list':
      return it.kind
    case 'call':
      if (it.name === 'count' || it.name === 'length') return 'number'
      return it.name === 'lower' || it.name === 'upper' ? 'text' : undefined
    case 'path':
      return nameAt(it.path, scope)
    case 'add':
      return undefined
    case 'or':
    case 'and':
    case 'not':
    case 'compare':
    case 'exists':
      return 'boolean'
  }
}

const nameAt = (path: readonly string[], scope: Scope): ValueType | undefined => {
  let names: Names | undefined = scope.names
  let type: ValueType | undefined
  let isMany = false
  for (const step of path) {
    const name: Name | undefined = names !== undefined && Object.hasOwn(names, step) ? names[step] : undefined
    if (name === undefined) return undefined
    isMany ||= name.isMany === true
    type = name.type
    names = name.names?.()
  }
  return isMany ? 'list' : type
}

const pathMistakes = ({ path, from }: Expression & { kind: 'path' }, scope: Scope): Mistake[] => {
  let names: Names = scope.names
  let at = from
  for (const [index, step] of path.entries()) {
    const span = { from: at, to: at + step.length }
    const name = Object.hasOwn(names, step) ? names[step] : undefined
    if (name === undefined) {
      if (index === 0 && scope.isOpen) return []
      const known = Object.keys(names)
      const help = didYouMean(step, known)
      const what =
        index === 0
          ? `unknown name "${step}"; known: ${known.join(', ')}`
          : known.length === 0
            ? `"${path[index - 1]}" has nothing inside`
            : `"${path[index - 1]}" has no "${step}"; it has: ${known.join(', ')}`
      return [{ message: what, ...span, ...(help === undefined ? {} : { help }) }]
    }
    if (name.names === undefined) return []
    names = name.names()
    at += step.length + 1
  }
  return []
}
