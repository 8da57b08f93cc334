import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultLimits } from '../base/index.ts'
import { openStore, type Store } from '../store/index.ts'
import type { Plan } from './plan.ts'
import { findPlan, insertPlan, interruptedPlan, movePlan } from './store.ts'

let folder: string
let store: Store
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-plans-'))
  store = await openStore({ where: join(folder, 'catalogue'), lockPath: join(folder, 'lock'), limits: defaultLimits })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

const planOf = (id: string, steps: number): Plan => ({
  id,
  environment: 'dev',
  base: '',
  summary: { breaking: 0, additive: 0, data: 0, metadata: 0, changed: 0, none: 0 },
  changes: [],
  steps: Array.from({ length: steps }, (_, at) => ({
    kind: 'build' as const,
    subject: `sales.product-${at}`,
    key: `build ${at}`,
    reason: 'nothing is published yet',
  })),
  consequences: [],
  verdicts: [],
  blocked: [],
  reads: {},
  consequencesHash: '',
  allowed: { breaking: [], removal: [] },
})

test.each([0, 1, 499, 500, 501, 1000, 1203])('a plan of %i steps is found as it was kept', async steps => {
  const plan = planOf(`plan${steps}x`, steps)
  await store.transaction(db => insertPlan(db, plan, 'ada', new Date()))
  expect(await findPlan(store.db, 'dev', `plan${steps}x`)).toEqual({ plan, state: 'open' })
  await movePlan(store.db, plan.id, ['open'], 'applying')
  expect(await interruptedPlan(store.db, 'dev')).toEqual(plan)
  await movePlan(store.db, plan.id, ['applying'], 'applied')
})
