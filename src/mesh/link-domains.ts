/** Domains, nested, with their teams; one is made for products whose domain no file describes, where no domain is described at all. */
import { type Problem, parseDuration, parseSize } from '../base/index.ts'
import { type Domain, slugOf } from '../domain/index.ts'
import { duplicate } from './contracts.ts'
import type { DomainDocument } from './documents/index.ts'
import type { ProductDraft } from './drafts.ts'
import type { Foreign } from './link.ts'
import { unknownName } from './problems.ts'
import type { ReadDocument } from './read.ts'

export const linkDomains = (
  documents: readonly ReadDocument[],
  drafts: readonly ProductDraft[],
  foreign: Foreign,
  problems: Problem[],
): Map<string, Domain> => {
  const domains = new Map<string, Domain>(foreign.domains.map(domain => [domain.subject, domain]))
  for (const it of documents) {
    if (it.kind !== 'Domain') continue
    const before = domains.get(it.document.id)
    if (before !== undefined && !foreign.domains.includes(before)) {
      problems.push(duplicate('domain', it.document.id, it.definition.at(['id']), before.at(['id'])))
      continue
    }
    domains.set(it.document.id, domainOf(it.document, it.definition))
  }
  const known = [...domains.keys()]
  for (const { domain, definition, document, isImplied } of drafts) {
    const written = slugOf(document.domain ?? '') || domain
    if (known.length > 0 && !isImplied && !known.includes(written)) {
      const name = document.domain ?? domain
      problems.push(
        unknownName('mesh.unknown-domain', `no domain is called "${name}"`, name, known, definition.at(['domain'])),
      )
    }
    if (!domains.has(domain)) domains.set(domain, impliedDomain(domain, document.domain ?? domain, definition))
  }
  problems.push(...parentProblems(documents, domains))
  return new Map([...domains].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const domainOf = (document: DomainDocument, definition: Domain | ProductDraft['definition']): Domain => {
  const { id, name, parent, description, team, storage, limits, stage, jurisdictions } = document
  return {
    ...definition,
    subject: id,
    at: definition.at,
    name: name ?? id,
    limits: limitsOf(limits),
    stage: stage ?? 'autonomous',
    jurisdictions: jurisdictions ?? [],
    implied: false,
    ...(parent === undefined ? {} : { parent }),
    ...(description?.purpose === undefined ? {} : { purpose: description.purpose }),
    ...(storage === undefined ? {} : { storage }),
    ...(team === undefined
      ? {}
      : {
          team: {
            name: team.name ?? id,
            members: (team.members ?? []).map(it => ({
              username: it.username,
              ...(it.name === undefined ? {} : { name: it.name }),
              ...(it.role === undefined ? {} : { role: it.role }),
            })),
          },
        }),
  }
}

const impliedDomain = (id: string, name: string, definition: ProductDraft['definition']): Domain => ({
  ...definition,
  at: definition.at,
  subject: id,
  hash: '',
  body: { id },
  name,
  limits: {},
  stage: 'autonomous',
  jurisdictions: [],
  implied: true,
})

const parentProblems = (documents: readonly ReadDocument[], domains: ReadonlyMap<string, Domain>): Problem[] => {
  const problems: Problem[] = []
  for (const it of documents) {
    if (it.kind !== 'Domain' || it.document.parent === undefined) continue
    const { id, parent } = it.document
    const place = it.definition.at(['parent'])
    if (!domains.has(parent)) {
      problems.push(
        unknownName('mesh.unknown-domain', `no domain is called "${parent}"`, parent, [...domains.keys()], place),
      )
      continue
    }
    const line = [id]
    for (let at: string | undefined = parent; at !== undefined; at = domains.get(at)?.parent) {
      line.push(at)
      if (at === id) {
        problems.push(unknownName('mesh.parent-cycle', `domain ${line.join(' is in ')}`, parent, [], place))
        break
      }
      if (line.length > domains.size + 1) break
    }
  }
  return problems
}

/** `limits` of a file by the names of base/limits.ts: sizes in bytes, times in milliseconds. What is no limit there stays as written. */
export const limitsOf = (limits: Readonly<Record<string, unknown>> | undefined): Record<string, string | number> => {
  const found: Record<string, string | number> = {}
  for (const [key, value] of Object.entries(limits ?? {})) {
    if (typeof value === 'number') found[key] = value
    if (typeof value !== 'string') continue
    found[key] = parseSize(value) ?? parseDuration(value) ?? value
  }
  return found
}
