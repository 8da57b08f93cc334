import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { withEntry } from './text.ts'

const entry = { name: 'new', version: '1.0.0' }

const cases: readonly (readonly [string, string, string])[] = [
  [
    'a block list grows by a line, comments stay where they are',
    'a: 1 # one\nports:\n  - { name: old } # kept\n# after\nb: 2\n',
    'a: 1 # one\nports:\n  - { name: old } # kept\n  - { name: new, version: 1.0.0 }\n# after\nb: 2\n',
  ],
  [
    'entries over several lines',
    'ports:\n- name: old\n  more: { x: 1 }\n\nteam: { name: t }\n',
    'ports:\n- name: old\n  more: { x: 1 }\n- { name: new, version: 1.0.0 }\n\nteam: { name: t }\n',
  ],
  [
    'a list in brackets',
    'ports: [{ name: old }]\nb: 2\n',
    'ports: [{ name: old }, { name: new, version: 1.0.0 }]\nb: 2\n',
  ],
  ['an empty list', 'ports: []\nb: 2\n', 'ports:\n  - { name: new, version: 1.0.0 }\nb: 2\n'],
  ['a key without a value', 'ports:\nb: 2\n', 'ports:\n  - { name: new, version: 1.0.0 }\nb: 2\n'],
  ['no such key', 'b: 2', 'b: 2\nports:\n  - { name: new, version: 1.0.0 }\n'],
  [
    'a last line without an end',
    'ports:\n  - { name: old }',
    'ports:\n  - { name: old }\n  - { name: new, version: 1.0.0 }\n',
  ],
  [
    'a document in JSON',
    '{ "ports": [{ "name": "old" }] }',
    '{ "ports": [{ "name": "old" }, {"name":"new","version":"1.0.0"}] }',
  ],
]

test.each(cases)('%s', (_, before, after) => {
  const grown = withEntry(before, 'ports', entry)
  expect(grown).toBe(after)
  expect(parse(grown).ports.at(-1)).toEqual(entry)
})
