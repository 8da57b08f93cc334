import { expect, test } from 'vitest'
import type { Shown } from '../lineage/index.ts'
import { drawing, lineageTree } from './show-lineage.ts'

/** What a contract may write in `transformSourceObjects`. */
const outside = 'erp\\"]; x [label="<img>\u001b[2J\n#1'
const shown: Shown = {
  ...{ subject: 'a.b.c.v1.d', kind: 'dataset' },
  nodes: [
    { subject: 'a.b.c.v1.d', kind: 'dataset', hop: 0 },
    { subject: outside, kind: 'external', hop: -1 },
  ],
  edges: [{ from: outside, to: 'a.b.c.v1.d', how: 'computed', transform: 'transformation', via: 'declared' }],
  downstream: { nodes: 0, products: 0, domains: 0, hops: 0 },
  wide: [],
}

test('a name of something outside stays a name in a terminal', () => {
  const [, line] = lineageTree(shown, { style: text => text, isVerbose: false })
  expect(line).toContain('└─ erp\\"]; x [label="<img>\\x1b[2J⏎#1  ')
})

test('a name of something outside stays a label in a drawing', () => {
  expect(drawing('dot', shown)).toContain('n1 [label="erp\\\\\\"]; x [label=\\"<img>\\\\x1b[2J⏎#1"];\n')
  expect(drawing('mermaid', shown)).toContain('n1["erp\\#34;]; x [label=#34;#60;img#62;\\x1b[2J⏎#35;1"]\n')
})
