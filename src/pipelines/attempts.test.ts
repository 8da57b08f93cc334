import { expect, test } from 'vitest'
import type { Problem } from '../base/index.ts'
import { mayPass } from './attempts.ts'
import type { Run, RunState } from './run.ts'

const run = (state: RunState, ...codes: string[]): Run => ({
  id: '1',
  product: 'sales.orders',
  trigger: 'person',
  state,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  datasets: [],
  problems: codes.map((code): Problem => ({ severity: 'error', code, message: '' })),
})

test.each(['storage.unreachable', 'source.unreadable', 'engine.io', 'store.unreachable'])('%s may pass', code => {
  expect(mayPass(run('failed', code))).toBe(true)
})

test.each([
  'engine.sql',
  'engine.runtime',
  'engine.bad-file',
  'run.out-of-memory',
  'run.out-of-time',
  'storage.disk-full',
  'source.not-found',
])('%s does not', code => {
  expect(mayPass(run('failed', code))).toBe(false)
})

test('what was judged, held or cancelled is not tried again, nor what failed for a second reason', () => {
  expect(mayPass(run('quarantined', 'run.checks-failed'))).toBe(false)
  expect(mayPass(run('held', 'run.held-upstream'))).toBe(false)
  expect(mayPass(run('cancelled', 'run.cancelled'))).toBe(false)
  expect(mayPass(run('failed', 'engine.io', 'engine.sql'))).toBe(false)
  expect(mayPass(run('failed'))).toBe(false)
})
