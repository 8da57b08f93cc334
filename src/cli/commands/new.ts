/** `weft new`: the files of a domain, a product, a port, or a contract for data that is there. */
import { readdir } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { didYouMean, problem, WeftError } from '../../base/index.ts'
import type { Mesh } from '../../domain/index.ts'
import type { scaffoldOperation } from '../../mesh/index.ts'
import { type Cli, type Command, text, texts, type Values } from '../command.ts'
import { cliProblems } from '../problem-kinds.ts'
import { several, size } from '../terminal.ts'

const kinds = ['source', 'product', 'port', 'domain'] as const

export const newCommand: Command = {
  name: 'new',
  summary: 'begin a source, a product, a port or a domain',
  isDoneUnheard: true,
  about:
    'new source FILE... looks at data (CSV, JSON, Parquet; a glob in quotes, or several files) and writes a contract for it, a product with the\nmodel that reads it, and what that product promises. Nothing that is there is written over.',
  arguments: [
    { name: '<kind>', what: kinds.join(', ') },
    { name: '[words...]', what: 'the files of a source; else the name of what is new' },
  ],
  options: [
    { flags: '--domain <name>', what: 'the domain; made where it is new' },
    { flags: '--product <name>', what: 'the product; a source or port is added to one that is there' },
    { flags: '--name <name>', what: "the port and its dataset (from the files' name)" },
    { flags: '--from <port>', what: 'the output port of another product that a new product or port reads' },
    { flags: '--template <name>', what: 'begin a product from a template of the mesh' },
    { flags: '--set <key=value>', what: 'a parameter of the template', isList: true },
  ],
  examples: [
    "weft new source 'data/orders/*.csv.gz'",
    'weft new product returns --domain after-sales --from sales.shop-orders.orders',
    'weft new product --template department-report --set domain=finance',
    'weft new domain logistics',
  ],
  async run(cli, values) {
    const kind = kinds.find(it => it === text(values.kind))
    if (kind === undefined) throw unknownKind(text(values.kind) ?? '')
    const platform = await cli.platform()
    const { mesh } = await platform.parts.check()
    const asked = new Asked(cli, values)
    const words = texts(values.words)
    switch (kind) {
      case 'source':
        return newSource(cli, mesh, asked, words)
      case 'domain':
        return write(cli, { what: 'domain', domain: await asked.value('name of the domain', words[0]) }, [])
      case 'port': {
        const { domain, product } = await asked.product(mesh)
        const port = await asked.value('name of the port', words[0] ?? text(values.name))
        return write(cli, { what: 'port', domain, product, port, from: text(values.from) }, [`${domain}.${product}`])
      }
      case 'product': {
        const template = text(values.template)
        if (template !== undefined) return newFromTemplate(cli, asked, template, words[0], texts(values.set))
        const product = await asked.value('name of the product', words[0] ?? text(values.product) ?? text(values.name))
        const domain = await asked.domain(mesh, product)
        return write(cli, { what: 'product', domain, product, from: text(values.from) }, [`${domain}.${product}`])
      }
      default:
        return kind satisfies never
    }
  },
}

const unknownKind = (found: string): WeftError =>
  new WeftError(
    'usage',
    problem(cliProblems, 'usage.wrong-value', `"${found}" cannot be made`, {
      found,
      expected: kinds.join(', '),
      help: didYouMean(found, kinds),
    }),
  )

type Scaffold = z.input<(typeof scaffoldOperation)['input']>

/** Options, else the answers of a person, else defaults. */
class Asked {
  private readonly cli: Cli
  private readonly values: Values

  constructor(cli: Cli, values: Values) {
    this.cli = cli
    this.values = values
  }

  /** The text of an option. */
  given(option: string): string | undefined {
    return text(this.values[option])
  }

  async value(what: string, given: string | undefined, otherwise?: string): Promise<string> {
    if (given !== undefined) return given
    if (!this.cli.isUnattended) {
      const answer = await this.cli.askText(what, otherwise)
      if (answer !== '') return answer
    }
    if (otherwise !== undefined) return otherwise
    throw new WeftError(
      'usage',
      problem(cliProblems, 'usage.wrong-value', `the ${what} is needed`, {
        expected: 'an option or a terminal to ask on',
        help: 'weft new --help',
      }),
    )
  }

  /** The only domain of the mesh, the one that the current folder lies in, or a new one. */
  async domain(mesh: Mesh, otherwise: string): Promise<string> {
    const ids = [...mesh.domains.keys()]
    const [first] = ids
    const project = await this.cli.project()
    const here = [...mesh.domains.values()].find(
      it => !it.implied && `${resolve('.')}/`.startsWith(`${resolve(project, dirname(it.file))}/`),
    )
    const fallback = here?.subject ?? (ids.length === 1 && first !== undefined ? first : otherwise)
    const hint = ids.length === 0 ? 'domain' : `domain (${ids.slice(0, 8).join(', ')}, or a new one)`
    return this.value(hint, text(this.values.domain), fallback)
  }

  /** Of `--product`, alone or as `<domain>.<product>`. */
  async product(mesh: Mesh): Promise<{ domain: string; product: string }> {
    const word = await this.value('product', text(this.values.product))
    const dot = word.indexOf('.')
    if (dot >= 0) return { domain: word.slice(0, dot), product: word.slice(dot + 1) }
    const known = [...mesh.products.values()].filter(it => it.slug === word)
    const [only] = known
    const domain = only !== undefined && known.length === 1 ? only.domain : await this.domain(mesh, word)
    return { domain, product: word }
  }
}

const newSource = async (cli: Cli, mesh: Mesh, asked: Asked, words: readonly string[]): Promise<number> => {
  const { inferSource, slugOfFiles, snakeName } = await import('../../pipelines/index.ts')
  const first = words.length > 0 ? words : [await asked.value('path of the files', undefined)]
  const files = await patternOf(first)
  const port = await asked.value('name', asked.given('name'), slugOfFiles(files))
  const given = asked.given('product')
  const dotted = given?.includes('.') === true ? given.split('.') : undefined
  const product = dotted?.[1] ?? given ?? port
  const domain = dotted?.[0] ?? (await asked.domain(mesh, product))
  const sourceDataset = 'lines'
  const platform = await cli.platform()
  const inferred = await platform.ask(inferSource, {
    files,
    dataset: snakeName(port),
    from: `${snakeName(`${port}-files`)}.${sourceDataset}`,
    sourceDataset,
    vocabulary: vocabularyOf(mesh),
  })
  const { server, source, output, model, partition, rows, bytes, isSample, remarks } = inferred
  if (!cli.isJson) {
    const { terminal } = cli
    const looked = isSample ? `a sample of ${several(rows, 'row')}` : `all ${several(rows, 'row')}`
    terminal.print(
      `${server.format ?? ''}  ${several(inferred.files, 'file')}, ${size(bytes)}; ${several(source.properties?.length ?? 0, 'column')}; looked at ${looked}`,
    )
    for (const { property, value } of server.customProperties ?? [])
      terminal.print(`  ${property} ${JSON.stringify(value)}`)
    for (const remark of remarks) terminal.print(`  note  ${remark}`)
  }
  return write(
    cli,
    { what: 'source', domain, product, port, files, draft: { server, source, output, model, partition } },
    [`${domain}.${product}`],
    { source: { files: inferred.files, bytes, rows, isSample, remarks } },
    `"select * from ${[domain, product].map(it => it.replaceAll('-', '_')).join('.')}.${output.name} limit 10"`,
  )
}

/** What the mesh has words for, so that a draft can use them. */
const vocabularyOf = (mesh: Mesh) => {
  const bodyOf = (body: unknown): Readonly<Record<string, unknown>> =>
    typeof body === 'object' && body !== null ? { ...body } : {}
  return {
    terms: mesh.others
      .filter(it => it.kind === 'term')
      .map(it => {
        const { type } = bodyOf(it.body)
        return {
          id: it.subject.replace(/^.*[./]/, ''),
          name: it.name,
          synonyms: texts(bodyOf(it.body).synonyms),
          ...(typeof type === 'string' ? { type } : {}),
        }
      }),
    classifications: [...listOf(bodyOf(mesh.definition?.body).classifications)].flatMap(
      it => text(bodyOf(it).id) ?? [],
    ),
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** One path or glob; several files, as a shell gives them, become the glob that names exactly them. */
const patternOf = async (words: readonly string[]): Promise<string> => {
  const paths = words.map(word => resolve(word))
  const [first] = paths
  if (first !== undefined && paths.length === 1) return first
  const folder = dirname(first ?? '.')
  const names = paths.map(path => basename(path))
  const endings = new Set(names.map(name => name.slice(name.indexOf('.'))))
  const [ending = ''] = endings
  const there = (await readdir(folder)).filter(name => name.endsWith(ending) && !/^[._]/.test(name))
  const areAll = paths.every(path => dirname(path) === folder) && there.length === paths.length && endings.size === 1
  if (areAll) return `${folder}/*${ending}`
  throw new WeftError(
    'usage',
    problem(
      cliProblems,
      'usage.wrong-value',
      'several files are one source only as all files of an ending in a folder',
      {
        found: `${paths.length} files`,
        expected: "a glob in quotes, as in 'data/orders-*.csv'",
      },
    ),
  )
}

const newFromTemplate = async (
  cli: Cli,
  asked: Asked,
  template: string,
  product: string | undefined,
  set: readonly string[],
): Promise<number> => {
  const { readTemplate } = await import('../../mesh/index.ts')
  const { parameters } = await readTemplate(await cli.project(), template)
  const values: Record<string, string> = {}
  for (const pair of set) {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new WeftError(
        'usage',
        problem(cliProblems, 'usage.wrong-value', `"${pair}" sets nothing`, { found: pair, expected: 'key=value' }),
      )
    values[pair.slice(0, at)] = pair.slice(at + 1)
  }
  if (product !== undefined) values.product ??= product
  const domain = asked.given('domain')
  if (domain !== undefined) values.domain ??= domain
  if (!cli.isUnattended) {
    for (const { name, about, example, default: otherwise } of parameters) {
      if (values[name] !== undefined) continue
      const shown = [about ?? name, example === undefined ? '' : `as in ${example}`].filter(it => it !== '').join(' ')
      const answer = await cli.askText(`${name}: ${shown}`, otherwise === undefined ? undefined : String(otherwise))
      if (answer !== '') values[name] = answer
    }
  }
  return write(cli, { what: 'template', template, values }, [`${values.domain}.${values.product}`])
}

const write = async (
  cli: Cli,
  input: Scaffold,
  selectors: readonly string[],
  more: object = {},
  query?: string,
): Promise<number> => {
  const { scaffoldOperation } = await import('../../mesh/index.ts')
  const platform = await cli.platform()
  const { files, changed } = await platform.ask(scaffoldOperation, input)
  if (cli.isJson) {
    cli.document('new', { files, changed, ...more })
    return 0
  }
  const { terminal } = cli
  for (const file of files) terminal.print(`${terminal.style('+', 'green')} ${file}`)
  for (const file of changed) terminal.print(`${terminal.style('~', 'yellow')} ${file}`)
  const next = selectors.length === 0 ? ['weft check'] : ['weft check', 'weft plan', 'weft apply']
  terminal.remark(`next  ${[...next, ...(query === undefined ? [] : [`weft query ${query}`])].join('\n      ')}`)
  return 0
}
