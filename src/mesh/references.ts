/** What definitions say about one another beyond ports and contracts: teams, people, terms, classifications, columns of checks, names that collide. Pure. */
import { oncePer, type Problem, problem } from '../base/index.ts'
import { type Contract, type Dataset, type Mesh, type Product, type Rule, typeOf } from '../domain/index.ts'
import { valueAt } from './contracts.ts'
import { deprecationProblems } from './deprecations.ts'
import type { MeshDocument } from './documents/index.ts'
import { policyReferences } from './policy-references.ts'
import { rowRuleProblems } from './policy-rows.ts'
import { meshProblems, unknownName } from './problems.ts'
import type { ReadDocument } from './read.ts'

export const referenceProblems = (
  mesh: Mesh,
  document: MeshDocument | undefined,
  documents: readonly ReadDocument[],
): Problem[] => {
  const own = [...mesh.products.values()].filter(product => mesh.roots.some(root => root.id === product.root))
  return [
    ...own.flatMap(product => [...teamProblems(mesh, product), ...collisions(product)]),
    ...[...mesh.contracts.values()].flatMap(contract => contractProblems(mesh, document, contract)),
    ...peopleProblems(mesh, document, documents),
    ...termProblems(mesh, documents),
    ...agreementProblems(mesh, documents),
    ...policyReferences(mesh, document, documents),
    ...rowRuleProblems(mesh),
  ]
}

const teamsOf = oncePer((mesh: Mesh) => [...mesh.domains.values()].flatMap(domain => domain.team?.name ?? []))

const teamProblems = (mesh: Mesh, product: Product): Problem[] => {
  if (product.team === undefined) return []
  const teams = teamsOf(mesh)
  // Where no domain has a team, teams are kept elsewhere.
  if (teams.length === 0 || teams.includes(product.team)) return []
  return [
    unknownName(
      'mesh.unknown-team',
      `no domain has a team "${product.team}"`,
      product.team,
      teams,
      product.at(['team', 'name']),
    ),
  ]
}

const collisions = (product: Product): Problem[] => {
  const problems: Problem[] = []
  const seen = new Map<string, string>()
  const ports = new Map<string, string>()
  for (const port of product.outputs) {
    if (ports.has(port.subject)) {
      problems.push(
        problem(meshProblems, 'mesh.duplicate', `the port ${port.name} of major ${port.major} is there twice`, {
          place: port.place,
          found: port.subject,
        }),
      )
      continue
    }
    ports.set(port.subject, port.subject)
    for (const dataset of port.datasets) {
      const key = `${port.major} ${dataset.name.toLowerCase()}`
      const before = seen.get(key)
      if (before === undefined) seen.set(key, dataset.subject)
      else
        problems.push(
          problem(
            meshProblems,
            'mesh.dataset-collision',
            `two datasets of ${product.subject} are called ${dataset.name}`,
            {
              place: dataset.place,
              found: dataset.subject,
              help: `the other one is ${before}`,
            },
          ),
        )
    }
  }
  return problems
}

const contractProblems = (mesh: Mesh, document: MeshDocument | undefined, contract: Contract): Problem[] => [
  ...contract.datasets.flatMap(dataset => [
    ...columnCollisions(dataset),
    ...dataset.rules.flatMap(rule => ruleProblems(dataset, rule)),
  ]),
  ...elementProblems(mesh, document, contract),
  ...argumentProblems(contract),
  ...promiseProblems(contract),
  ...deprecationProblems(mesh, contract),
]

/** `arguments.properties` of the checks of a dataset. */
const argumentProblems = (contract: Contract): Problem[] =>
  listAt(contract.body, 'schema').flatMap((schema, index) => {
    const columns = contract.datasets[index]?.columns.map(it => it.name) ?? []
    return listAt(schema, 'quality').flatMap((check, number) => {
      const named = valueAt(check, ['arguments', 'properties'])
      return (Array.isArray(named) ? named : []).flatMap((name, at) => {
        if (typeof name !== 'string' || columns.some(it => it.toLowerCase() === name.split('.')[0]?.toLowerCase()))
          return []
        const place = contract.at(['schema', index, 'quality', number, 'arguments', 'properties', at])
        return [unknownName('mesh.unknown-column', `the dataset has no column "${name}"`, name, columns, place)]
      })
    })
  })

const columnCollisions = (dataset: Dataset): Problem[] => {
  const seen = new Set<string>()
  return dataset.columns.flatMap(column => {
    const key = column.name.toLowerCase()
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [
      problem(meshProblems, 'mesh.duplicate', `the column "${column.name}" is there twice`, {
        place: column.place,
        found: column.name,
        subject: dataset.subject,
      }),
    ]
  })
}

/** Columns that a check names; a dotted path leads into a nested one. */
const ruleProblems = (dataset: Dataset, { test, place }: Rule): Problem[] => {
  // Metrics and promises name their columns in the document, where the place is exact; see argumentProblems and promiseProblems.
  if (['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'freshness'].includes(test.kind)) return []
  const named = 'columns' in test ? test.columns : 'column' in test && test.column !== undefined ? [test.column] : []
  const names = dataset.columns.map(it => it.name)
  return named.flatMap(name => {
    const first = name.split('.')[0] ?? name
    if (names.some(it => it.toLowerCase() === name.toLowerCase() || it.toLowerCase() === first.toLowerCase())) return []
    return [unknownName('mesh.unknown-column', `${dataset.name} has no column "${name}"`, name, names, place)]
  })
}

const termsOf = oncePer((mesh: Mesh) =>
  mesh.others.filter(it => it.kind === 'term').map(it => it.subject.slice('term/'.length)),
)

/** Walks the document's columns, nested ones too, for links that only places in the document can tell of. */
const elementProblems = (mesh: Mesh, document: MeshDocument | undefined, contract: Contract): Problem[] => {
  const problems: Problem[] = []
  const terms = termsOf(mesh)
  const classes = (document?.classifications ?? []).map(it => it.id)
  const visit = (node: unknown, path: readonly (string | number)[]): void => {
    const classification = valueAt(node, ['classification'])
    if (typeof classification === 'string' && classes.length > 0 && !classes.includes(classification))
      problems.push(
        unknownName(
          'mesh.unknown-classification',
          `no classification is called "${classification}"`,
          classification,
          classes,
          contract.at([...path, 'classification']),
        ),
      )
    listAt(node, 'authoritativeDefinitions').forEach((it, index) => {
      const url = valueAt(it, ['url'])
      const term = typeof url === 'string' ? /^weft:term\/(.+)$/.exec(url)?.[1] : undefined
      if (term === undefined || terms.includes(term)) return
      const place = contract.at([...path, 'authoritativeDefinitions', index, 'url'])
      problems.push(unknownName('mesh.unknown-term', `no term is called "${term}"`, term, terms, place))
    })
    const type = valueAt(node, ['physicalType'])
    // Only leaves have a type of their own.
    if (typeof type === 'string' && path.includes('properties') && valueAt(node, ['properties']) === undefined) {
      const unknown = typeOf({ name: '', physicalType: type }).unknown
      if (unknown !== undefined && valueAt(node, ['items']) === undefined && valueAt(node, ['map']) === undefined)
        problems.push(
          problem(meshProblems, 'contract.unknown-type', `unknown physical type "${type}"`, {
            place: contract.at([...path, 'physicalType']),
            found: type,
            expected: 'a type as DuckDB has it; the logicalType is used',
          }),
        )
    }
    for (const key of ['schema', 'properties'] as const)
      listAt(node, key).forEach((it, index) => {
        visit(it, [...path, key, index])
      })
  }
  visit(contract.body, [])
  return problems
}

const listAt = (node: unknown, key: string): readonly unknown[] => {
  const value = valueAt(node, [key])
  return Array.isArray(value) ? value : []
}

const promiseProblems = (contract: Contract): Problem[] => {
  const known = contract.datasets.flatMap(it => [it.name, ...it.columns.map(column => `${it.name}.${column.name}`)])
  return listAt(contract.body, 'slaProperties').flatMap((promise, index) => {
    const element = valueAt(promise, ['element'])
    if (typeof element !== 'string' || known.length === 0) return []
    return element
      .split(',')
      .map(it => it.trim())
      .filter(it => it !== '' && !known.includes(it))
      .map(it =>
        unknownName(
          'promise.unknown-element',
          `the contract has no "${it}"`,
          it,
          known,
          contract.at(['slaProperties', index, 'element']),
        ),
      )
  })
}

const peopleProblems = (
  mesh: Mesh,
  document: MeshDocument | undefined,
  documents: readonly ReadDocument[],
): Problem[] => {
  const problems: Problem[] = []
  const people = [
    ...[...mesh.domains.values()].flatMap(it => it.team?.members.map(member => member.username) ?? []),
    ...(document?.groups ?? []).flatMap(it => it.members ?? []),
  ]
  const know = (name: string | undefined, place: Problem | ReturnType<ReadDocument['definition']['at']>): void => {
    if (name === undefined || people.includes(name) || people.length === 0) return
    problems.push(
      unknownName('mesh.unknown-person', `nobody in a team or group is called "${name}"`, name, people, {
        file: place.file ?? '',
        line: place.line ?? 1,
        column: place.column ?? 1,
        ...(place.endLine === undefined ? {} : { endLine: place.endLine }),
        ...(place.endColumn === undefined ? {} : { endColumn: place.endColumn }),
      }),
    )
  }
  for (const it of documents) {
    const { at } = it.definition
    if (it.kind === 'Chapter') know(it.document.lead, at(['lead']))
    if (it.kind === 'Domain') {
      const known = (document?.jurisdictions ?? []).map(one => one.id)
      it.document.jurisdictions?.forEach((name, index) => {
        if (known.length > 0 && !known.includes(name))
          problems.push(
            unknownName(
              'mesh.unknown-jurisdiction',
              `no jurisdiction is called "${name}"`,
              name,
              known,
              at(['jurisdictions', index]),
            ),
          )
      })
      it.document.responsibilities?.forEach((one, index) => {
        know(one.acknowledgedBy, at(['responsibilities', index, 'acknowledgedBy']))
      })
      const members = it.document.team?.members ?? []
      if (it.document.team !== undefined && !members.some(member => member.role === 'owner'))
        problems.push(
          problem(meshProblems, 'mesh.no-owner', `domain ${it.document.id} has no owner`, {
            place: at(['team', 'members']),
            expected: 'a member with role: owner',
          }),
        )
    }
  }
  return problems
}

const termProblems = (mesh: Mesh, documents: readonly ReadDocument[]): Problem[] => {
  const datasets = [...mesh.products.values()].flatMap(it =>
    it.outputs.flatMap(port => port.datasets.map(dataset => dataset.subject)),
  )
  return documents.flatMap(it => {
    if (it.kind !== 'Term' || it.document.keyOf === undefined || datasets.includes(it.document.keyOf)) return []
    const { keyOf } = it.document
    return [
      unknownName(
        'mesh.unknown-dataset',
        `no dataset is called "${keyOf}"`,
        keyOf,
        datasets,
        it.definition.at(['keyOf']),
      ),
    ]
  })
}

const agreementProblems = (mesh: Mesh, documents: readonly ReadDocument[]): Problem[] => {
  const products = [...mesh.products.values()]
  const names = [...products.map(it => it.subject), ...products.map(it => it.id)]
  const teams = teamsOf(mesh)
  const problems: Problem[] = []
  for (const it of documents) {
    if (it.kind !== 'AccessAgreement') continue
    const { definition } = it
    for (const side of ['provider', 'consumer'] as const) {
      const product = valueAt(it.document, [side, 'dataProductId'])
      const team = valueAt(it.document, [side, 'teamId'])
      if (typeof product === 'string' && !names.includes(product))
        problems.push(
          unknownName(
            'mesh.unknown-product',
            `no product is called "${product}"`,
            product,
            names,
            definition.at([side, 'dataProductId']),
          ),
        )
      if (typeof team === 'string' && teams.length > 0 && !teams.includes(team))
        problems.push(
          unknownName(
            'mesh.unknown-team',
            `no domain has a team "${team}"`,
            team,
            teams,
            definition.at([side, 'teamId']),
          ),
        )
    }
    problems.push(...providerProblems(mesh, it.document, definition))
  }
  return problems
}

const roleProblems = (product: Product, document: unknown, at: ReadDocument['definition']['at']): Problem[] => {
  const known = product.outputs.flatMap(port =>
    listAt(port.contract?.body, 'roles').flatMap(it => {
      const name = valueAt(it, ['role'])
      return typeof name === 'string' ? [name] : []
    }),
  )
  return listAt(document, 'roles').flatMap((it, index) => {
    const name = valueAt(it, ['role'])
    if (typeof name !== 'string' || known.length === 0 || known.includes(name)) return []
    return [
      unknownName(
        'mesh.unknown-role',
        `no contract of ${product.subject} has a role "${name}"`,
        name,
        known,
        at(['roles', index, 'role']),
      ),
    ]
  })
}

const providerProblems = (mesh: Mesh, document: unknown, { at }: ReadDocument['definition']): Problem[] => {
  const of = valueAt(document, ['provider', 'dataProductId'])
  const product = [...mesh.products.values()].find(it => it.subject === of || it.id === of)
  if (product === undefined) return []
  const problems: Problem[] = roleProblems(product, document, at)
  const port = valueAt(document, ['provider', 'outputPortId'])
  const ports = product.outputs.flatMap(it => [...(it.id === undefined ? [] : [it.id]), it.name])
  if (typeof port === 'string' && !ports.includes(port))
    problems.push(
      unknownName(
        'mesh.unknown-port',
        `${product.subject} has no output port "${port}"`,
        port,
        ports,
        at(['provider', 'outputPortId']),
      ),
    )
  const contract = valueAt(document, ['provider', 'dataContractId'])
  const contracts = product.outputs.flatMap(it => it.contract?.id ?? [])
  if (typeof contract === 'string' && !contracts.includes(contract))
    problems.push(
      unknownName(
        'mesh.unknown-contract',
        `${product.subject} keeps no contract "${contract}"`,
        contract,
        contracts,
        at(['provider', 'dataContractId']),
      ),
    )
  return problems
}
