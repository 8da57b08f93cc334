/** Where new files go and what they are called: folders, teams and names of a mesh. Pure. */
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { problem, WeftError } from '../../base/index.ts'
import { type Domain, type Mesh, type Product, slugOf } from '../../domain/index.ts'
import { meshProblems } from '../problems.ts'
import { domainFile, teamOf } from './parts.ts'
import type { ScaffoldFile } from './write.ts'

export interface Site {
  readonly project: string
  readonly mesh: Mesh
  /** Who owns a new domain. */
  readonly owner: string
}

/** The domain, where a file describes it. */
const described = ({ mesh }: Site, id: string): Domain | undefined => {
  const found = mesh.domains.get(id)
  return found === undefined || found.implied ? undefined : found
}

const rootOf = ({ project, mesh }: Site, domain: string): string => {
  const id = mesh.domains.get(domain)?.root
  return mesh.roots.find(root => root.id === id)?.path ?? mesh.roots[0]?.path ?? project
}

/** Relative to the project, with `/`. */
export const domainFolder = (site: Site, id: string): string => {
  const found = described(site, id)
  if (found !== undefined) return dirname(found.file)
  return slashed(join(relative(site.project, rootOf(site, id)), 'domains', id))
}

export const productNamed = ({ mesh }: Site, domain: string, product: string): Product | undefined =>
  mesh.products.get(`${domain}.${product}`)

export const productFolder = (site: Site, domain: string, product: string): string => {
  const found = productNamed(site, domain, product)
  return found === undefined ? `${domainFolder(site, domain)}/${product}` : dirname(found.file)
}

/** Nothing where the domain is there without a team. */
export const teamName = (site: Site, domain: string): string | undefined => {
  const found = described(site, domain)
  return found === undefined ? teamOf(domain) : found.team?.name
}

export const isNewDomain = (site: Site, domain: string): boolean => described(site, domain) === undefined

export const domainWhereNew = (site: Site, domain: string): ScaffoldFile[] =>
  isNewDomain(site, domain) ? [domainFile(domainFolder(site, domain), domain, site.owner)] : []

/** As a contract names files: from the root's folder where they lie in it, else whole. */
export const sourcePath = (site: Site, files: string, domain: string): string => {
  const inside = relative(rootOf(site, domain), files)
  return inside.startsWith('..') || isAbsolute(inside) ? files : slashed(inside)
}

const slashed = (path: string): string => path.split(sep).join('/')

/** Throws `scaffold.wrong-name` for what is no slug. */
export const refuseName = (name: string): void => {
  if (/^[a-z][a-z0-9-]*$/.test(name) && name.length <= 100) return
  const near = slugOf(name)
  throw new WeftError(
    'usage',
    problem(meshProblems, 'scaffold.wrong-name', `"${name}" is no name for a domain, product or port`, {
      found: name,
      expected: 'small letters, digits and dashes, a letter first',
      help: near === '' ? undefined : `did you mean "${near}"?`,
    }),
  )
}
