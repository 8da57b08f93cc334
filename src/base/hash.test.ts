import { expect, test } from 'vitest'
import { canonicalJson } from './hash.ts'

test.each([
  [{ b: 1, a: [undefined, null, { d: undefined, c: 'x"y' }] }, '{"a":[null,null,{"c":"x\\"y"}],"b":1}'],
  [{ é: 1, z: 2, Z: 3, '-': 4 }, '{"-":4,"Z":3,"z":2,"é":1}'],
  [{ b: 1, 10: 2, 9: 3, '-1': 4, '01': 5 }, '{"9":3,"10":2,"-1":4,"01":5,"b":1}'],
  [{ 2: 'b', 1: 'a' }, '{"1":"a","2":"b"}'],
  [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  [[], '[]'],
  [{}, '{}'],
  [undefined, 'null'],
])('%j is written in one way', (value, text) => {
  expect(canonicalJson(value)).toBe(text)
})
