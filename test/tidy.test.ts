/** The house as a test: the map of imports, file names and lengths, dead files, leftovers. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { repository } from './support/mesh.ts'

/** What a folder may import besides itself and base. See ARCHITECTURE.md. */
const map: Readonly<Record<string, readonly string[]>> = {
  base: [],
  domain: [],
  sql: ['domain'],
  engine: ['domain'],
  storage: ['domain'],
  store: ['domain'],
  lineage: ['domain', 'sql', 'store'],
  governance: ['domain', 'sql', 'lineage', 'store'],
  access: ['domain', 'sql', 'engine', 'storage', 'lineage', 'governance', 'store'],
  pipelines: ['domain', 'sql', 'engine', 'storage', 'lineage', 'access', 'store'],
  catalog: ['domain', 'lineage', 'store'],
  mesh: ['domain'],
  planner: [
    'domain',
    'sql',
    'engine',
    'storage',
    'lineage',
    'governance',
    'access',
    'pipelines',
    'catalog',
    'mesh',
    'store',
  ],
  serving: ['store'],
  cli: [
    'domain',
    'sql',
    'engine',
    'storage',
    'lineage',
    'governance',
    'access',
    'pipelines',
    'catalog',
    'mesh',
    'planner',
    'store',
  ],
}

/** `mesh` knows the shapes of what people write for other folders, and nothing else of them. */
const documentSchemas = ['access/documents.ts', 'pipelines/documents.ts', 'governance/index.ts']

/** The composition root joins the parts; only the doors above it may name it. */
const root = 'platform.ts'
const mayNameRoot = ['cli']

/** Files that are longer than the limit, with their length: may only shrink. */
const longFiles: Readonly<Record<string, number>> = {}

const linesMax = 400
const testLinesMax = 600

const filesOf = (folder: string): string[] =>
  readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(repository, join(entry.parentPath, entry.name)).split('\\').join('/'))
    .filter(path => !/(^|\/)(node_modules|dist|\.weft)\//.test(path))

const sources = filesOf('src').filter(path => path.endsWith('.ts'))
const texts = new Map(
  [...sources, ...filesOf('test')].map(path => [path, readFileSync(join(repository, path), 'utf8')]),
)
const isTest = (path: string): boolean => /\.(test|suite)\.ts$/.test(path)

interface Import {
  readonly from: string
  readonly to: string
}

const imports: readonly Import[] = [...texts].flatMap(([from, text]) =>
  [...text.matchAll(/(?:from|import|URL)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(match => ({
    from,
    to: posix.normalize(posix.join(dirname(from), match[1] ?? '')),
  })),
)
const ofSources = imports.filter(it => it.from.startsWith('src/') && it.to.startsWith('src/') && !isTest(it.from))
const sliceOf = (path: string): string => path.split('/')[1] ?? ''

describe('the map', () => {
  test('folders import downward only', () => {
    const wrong = ofSources.filter(({ from, to }) => {
      const [slice, other] = [sliceOf(from), sliceOf(to)]
      if (slice === root || slice === other || other === 'base') return false
      if (other === root) return !mayNameRoot.includes(slice)
      if (slice === 'mesh' && documentSchemas.some(path => to === `src/${path}`)) return false
      return !(map[slice] ?? []).includes(other)
    })
    expect(wrong).toEqual([])
  })

  test('every folder is on the map', () => {
    const slices = new Set(sources.filter(path => path.split('/').length > 2).map(sliceOf))
    expect([...slices].sort()).toEqual(Object.keys(map).sort())
  })

  test('folders are entered by their index.ts', () => {
    const wrong = ofSources.filter(({ from, to }) => {
      if (sliceOf(from) === sliceOf(to) || to.endsWith('/index.ts') || to === `src/${root}`) return false
      // Starting fast is worth naming two small files of base by themselves.
      if (sliceOf(from) === 'cli' && ['src/base/problem.ts', 'src/base/package.ts'].includes(to)) return false
      return !documentSchemas.some(path => to === `src/${path}`)
    })
    expect(wrong).toEqual([])
  })

  test('each index.ts of a folder begins with what the folder is', () => {
    for (const slice of Object.keys(map).filter(it => it !== 'cli')) {
      const text = texts.get(`src/${slice}/index.ts`) ?? ''
      expect(text.startsWith(`/**\n * @module ${slice}\n`), `src/${slice}/index.ts`).toBe(true)
    }
  })
})

describe('files', () => {
  test('have names in kebab-case that say a noun', () => {
    const wrong = sources.filter(path => {
      const name = path.split('/').at(-1) ?? ''
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.suite)?\.ts$/.test(name) ||
        /\b(utils?|helpers?|manager|service|impl)\b/.test(name)
      )
    })
    expect(wrong).toEqual([])
  })

  test('are short', () => {
    const long = [...texts].flatMap(([path, text]) => {
      const lines = text.split('\n').length
      const max = longFiles[path] || (isTest(path) || path.startsWith('test/') ? testLinesMax : linesMax)
      return lines > max + 1 ? [`${path}: ${lines} lines, at most ${max}`] : []
    })
    expect(long).toEqual([])
  })

  test('are all used', () => {
    const used = new Set(
      imports.filter(it => !isTest(it.from) || it.to.startsWith('test/') || isTest(it.to)).map(it => it.to),
    )
    // Started as a process or a thread of their own.
    for (const text of texts.values())
      for (const match of text.matchAll(/inPackage\('dist\/([^']+)\.js'\)/g)) used.add(`src/${match[1]}.ts`)
    const entries = ['src/platform.ts', 'src/cli/main.ts', 'src/store/make-ready.ts', 'src/cli/make-bundle.ts']
    const dead = sources.filter(path => !isTest(path) && !used.has(path) && !entries.includes(path))
    expect(dead).toEqual([])
  })

  test('have nothing left over', () => {
    const left = new RegExp(['FIX', 'ME|TO', 'DO|XX', 'X|HA', 'CK'].join(''))
    const wrong = [...texts]
      .filter(([, text]) => left.test(text) || /\b(console\.log|debugger)\b/.test(text))
      .map(([path]) => path)
    expect(wrong.filter(path => path.startsWith('src/') && !isTest(path))).toEqual([])
  })

  test('say why where a type is asserted', () => {
    const wrong = [...texts].flatMap(([path, text]) =>
      !path.startsWith('src/') || isTest(path)
        ? []
        : text.split('\n').flatMap((line, index, lines) => {
            const asserts = /\bas (?!const\b)(unknown as |readonly |[A-Z{([]|string\b|number\b|never\b|Record)/.test(
              line.replace(/\/\/.*$/, '').replace(/'[^']*'|`[^`]*`|"[^"]*"/g, "''"),
            )
            const isImport =
              /^\s*(import|export|\*|\/\*\*|type |[\w$]+ as )/.test(line) ||
              (/ as \w+,?$/.test(line.trim()) &&
                /import|export/.test(lines.slice(Math.max(0, index - 12), index).join(' ')))
            const isExplained = line.includes('//') || (lines[index - 1] ?? '').trim().startsWith('//')
            return asserts && !isImport && !isExplained ? [`${path}:${index + 1}: ${line.trim()}`] : []
          }),
    )
    expect(wrong).toEqual([])
  })
})

describe('the lock file', () => {
  test('names no registry', () => {
    const text = readFileSync(join(repository, 'package-lock.json'), 'utf8')
    expect(text).not.toMatch(/"resolved"/)
  })
})
