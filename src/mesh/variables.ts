/** `${VAR}` and `${VAR:-default}` (RFC-0050) in the texts of a document. They are read from the mesh's environment only, never from the process. Pure. */
import { didYouMean, type Problem, problem } from '../base/index.ts'
import type { Definition, Path } from '../domain/index.ts'
import { meshProblems } from './problems.ts'

export type Variables = Readonly<Record<string, string>>

/** What a query or an implementation of a check may name; they are filled in where the check runs. */
const placeholders = new Set(['table', 'object', 'column', 'property', 'schema', 'dataset', 'model', 'database'])

const pattern = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/** The body with all variables filled in; one problem for each that has no value. */
export const fillVariables = (
  body: unknown,
  variables: Variables,
  at: Definition['at'],
  environment: string,
): { readonly body: unknown; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = []
  const fillText = (text: string, path: Path): string =>
    text.replace(pattern, (whole, name: string, fallback: string | undefined) => {
      const last = path.at(-1)
      if ((last === 'query' || last === 'implementation') && placeholders.has(name)) return whole
      const value = Object.hasOwn(variables, name) ? variables[name] : fallback
      if (value !== undefined) return value
      const known = Object.keys(variables)
      problems.push(
        problem(meshProblems, 'mesh.unknown-variable', `no variable "${name}" in environment ${environment}`, {
          place: at(path),
          found: name,
          expected: known.length === 0 ? 'the environment has no variables' : known.join(', '),
          help: didYouMean(name, known),
        }),
      )
      return whole
    })
  const fill = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes('${') ? fillText(value, path) : value
    if (Array.isArray(value)) return value.map((inner, index) => fill(inner, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, [...path, key])]))
  }
  return { body: fill(body, []), problems }
}
