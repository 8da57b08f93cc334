import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesIn, hasStandards, type StandardFile, standardFiles, titled } from '../../../test/support/standards.ts'
import type { Problem } from '../../base/index.ts'
import { parseFile } from '../yaml.ts'
import { type DocumentKind, documentKinds, findingsOf, validateDocument } from './index.ts'

const repository = join(import.meta.dirname, '../../..')

const kindOf = ({ body }: StandardFile): DocumentKind | undefined => {
  const kind: unknown = typeof body === 'object' && body !== null && 'kind' in body ? body.kind : undefined
  return documentKinds.find(known => known === kind)
}

const check = (it: StandardFile, kind = kindOf(it)) => {
  const { body, at } = parseFile(it.file, it.text)
  if (kind === undefined) throw new Error(`${it.file} is of no known kind`)
  return validateDocument(kind, body, at)
}

const short = ({ line, column, code, found, expected }: Problem): string =>
  `${line}:${column} ${code} ${code === 'document.missing-key' ? expected : found}`

describe.skipIf(!hasStandards)(titled('official files'), () => {
  for (const folder of ['odcs/examples/v3.2', 'odcs/examples/v3.1', 'odps/examples']) {
    test(`every example in ${folder} is read without an error`, () => {
      const files = standardFiles(folder)
      expect(files.length).toBeGreaterThan(2)
      for (const file of files) {
        const { value, problems } = check(file)
        expect([file.name, problems.filter(it => it.severity === 'error').map(short)]).toEqual([file.name, []])
        expect(value).toBeDefined()
      }
    })
  }

  test('an example of the newest version is read as it stands, unless it keeps a form that is deprecated', () => {
    const remarks = standardFiles('odcs/examples/v3.2').flatMap(file =>
      check(file).problems.map(it => `${file.name} ${it.found}`),
    )
    expect(remarks).toEqual([])
  })

  /** The places are those of the mistake that gives the file its name. */
  const rejected: Readonly<Record<string, readonly string[]>> = {
    'additional-unknown-property': ['9:1 document.unknown-key unknownRootField'],
    'enum-duplicate-values': ['17:13 document.duplicate-value {"value":"pending"}'],
    'enum-empty': ['15:15 document.wrong-value []'],
    'enum-missing-value': ['16:13 document.missing-key value'],
    'invalid-api-version': ['5:13 document.wrong-value v4.0.0'],
    'invalid-kind': ['6:7 document.wrong-value DataModel'],
    'invalid-quality-dimension': ['20:24 document.wrong-value validity'],
    'invalid-quality-metric': ['17:21 document.wrong-value invalidMetric'],
    'invalid-quality-type': ['17:19 document.wrong-value unknown'],
    'map-missing-block': ['13:9 document.missing-key map'],
    'map-missing-key': ['15:9 document.missing-key key'],
    'map-missing-value': ['15:9 document.missing-key value'],
    'missing-required-fields': ['4:1 document.missing-key id'],
    'quality-custom-missing-implementation': ['17:13 document.missing-key implementation'],
    'quality-element-field': ['18:13 document.unknown-key element', '17:13 document.missing-key metric'],
    'quality-library-missing-metric': ['17:13 document.missing-key metric'],
    'quality-multiple-operators': ['20:13 document.wrong-value mustNotBe'],
    'quality-mustbebetween-wrong-size': ['15:24 document.wrong-value [100]'],
    'quality-sql-missing-query': ['17:13 document.missing-key query'],
    'relationship-property-level-with-from': ['17:13 document.unknown-key from'],
    'relationship-schema-level-missing-from-to': ['13:9 document.missing-key from', '13:9 document.missing-key to'],
    'schema-property-invalid-logicaltype': ['14:22 document.wrong-value binary'],
    'schema-property-missing-name': ['13:9 document.missing-key name'],
    'server-invalid-type': ['11:11 document.wrong-value mongodb'],
    'server-missing-conditional-fields': ['10:5 document.missing-key schema'],
    'server-missing-required-fields': ['10:5 document.missing-key server', '10:5 document.missing-key type'],
    'sla-missing-required-value': ['10:5 document.missing-key value'],
    'synonym-missing-term': ['18:13 document.missing-key synonym'],
  }

  test('every file that must be rejected is, with its code and at its place', () => {
    const found = standardFiles('odcs/must-be-rejected').map(file => [
      file.name.replace('.odcs.yaml', ''),
      check(file, 'DataContract').problems.map(short),
    ])
    expect(Object.fromEntries(found)).toEqual(rejected)
  })

  test('what is read with leniency validates in the newest form', () => {
    for (const file of standardFiles('odcs/examples')) {
      const { value } = check(file)
      expect([file.name, findingsOf('DataContract', value).findings]).toEqual([file.name, []])
    }
  })
})

describe('our own meshes', () => {
  const shop = filesIn(join(repository, 'examples'), repository).filter(it => kindOf(it) !== undefined)

  test('the examples are read without an error or a warning', () => {
    expect(shop.length).toBeGreaterThan(20)
    for (const file of shop) expect([file.file, check(file).problems.map(short)]).toEqual([file.file, []])
  })

  test.skipIf(!hasStandards)('the worked example is read; only commas in unquoted texts are remarked', () => {
    const files = standardFiles('worked-example')
    const kinds = new Set(files.map(kindOf))
    expect([...kinds].sort()).toEqual([...documentKinds].sort())
    const problems = files.flatMap(file => check(file).problems)
    expect([...new Set(problems.map(it => it.code))]).toEqual(['document.lenient'])
    expect(problems).toHaveLength(5)
  })
})
