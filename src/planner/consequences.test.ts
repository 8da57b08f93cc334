import { expect, test } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import type { NodeKey } from '../lineage/index.ts'
import { consequencesOf } from './consequences.ts'
import type { Change } from './plan.ts'
import { surroundings } from './surroundings.ts'

const port = 'sales.shop.orders.v1'

test('whoever reads a renamed dataset, or a column of it, is asked for by its name before', async () => {
  const column = { kind: 'column', subject: `${port}.old.id`, body: {} } as const
  const change: Change = {
    ...{ subject: `${port}.new`, kind: 'dataset', change: 'renamed', class: 'breaking', from: 'old' },
    ...{ detail: 'renamed from old', file: 'a.yaml', line: 1 },
  }
  const gone: Change = { ...change, subject: `${port}.new.total`, kind: 'column', change: 'removed' }
  const asked: NodeKey[] = []
  await consequencesOf([change, gone], {
    limits: defaultLimits,
    hops: async () => [],
    reads: async nodes => {
      asked.push(...nodes)
      return []
    },
    around: surroundings(new Map([[`column ${column.subject}`, column]])),
  })
  expect(asked.map(it => it.subject).sort()).toEqual([`${port}.old`, `${port}.old.id`, `${port}.old.total`])
})
