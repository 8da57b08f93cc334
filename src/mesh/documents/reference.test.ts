import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { hasStandards, standardFiles, titled } from '../../../test/support/standards.ts'
import { describeKind, documentKinds, jsonSchemaOf } from './index.ts'

const compile = (schema: object) => new Ajv2020({ strict: false, validateFormats: false }).compile(schema)

describe('the JSON Schema for editors', () => {
  test('every kind has one that is valid itself', () => {
    for (const kind of documentKinds) expect(() => compile(jsonSchemaOf(kind))).not.toThrow()
  })

  test.skipIf(!hasStandards)(titled('it accepts the official and the worked examples'), () => {
    for (const kind of documentKinds) {
      const accepts = compile(jsonSchemaOf(kind))
      const files = ['worked-example', 'odcs/examples/v3.2', 'odps/examples'].flatMap(standardFiles)
      for (const { file, body } of files) {
        const isOfKind = typeof body === 'object' && body !== null && 'kind' in body && body.kind === kind
        // A comma in an unquoted text makes keys that only leniency takes.
        const isCut = /purpose: [^"'}]+, /.test(files.find(it => it.file === file)?.text ?? '')
        if (isOfKind && !isCut) expect([file, accepts(body), accepts.errors]).toEqual([file, true, null])
      }
    }
  })

  test('it knows which keys a rule has by the type of its policy', () => {
    const accepts = compile(jsonSchemaOf('Policy'))
    const policy = (type: string, rule: object): object => ({
      apiVersion: 'weft/v1',
      kind: 'Policy',
      id: 'a',
      type,
      rules: [{ id: 'b', ...rule }],
    })
    expect(accepts(policy('access', { effect: 'allow' }))).toBe(true)
    expect(accepts(policy('access', { effect: 'allow', mask: { kind: 'null' } }))).toBe(false)
    expect(accepts(policy('publication', { effect: 'allow' }))).toBe(false)
  })
})

describe('the rows of the reference', () => {
  test('name each key once, with its type and whether it must be there', () => {
    for (const kind of documentKinds) {
      const paths = describeKind(kind).map(it => it.path)
      expect(paths.length).toBeGreaterThan(10)
      // Of a union of forms a key can be in several.
      expect([kind, paths.filter((path, index) => paths.indexOf(path) !== index)]).toEqual([kind, []])
    }
    expect(describeKind('Domain')).toContainEqual({
      path: 'stage',
      type: 'one of guided, trusted, autonomous',
      required: false,
      description: 'How much it decides alone (autonomous).',
    })
    expect(describeKind('Domain')).toContainEqual(expect.objectContaining({ path: 'team.name', required: true }))
    expect(describeKind('Mesh')).toContainEqual(
      expect.objectContaining({ path: 'environments.<name>.variables', type: 'map' }),
    )
  })

  test('a part that can be inside itself ends', () => {
    const paths = describeKind('DataContract').map(it => it.path)
    expect(paths).toContain('schema[].properties[].items')
    expect(paths).toContain('schema[].properties[].map.value')
    expect(paths.length).toBeLessThan(2000)
  })
})
