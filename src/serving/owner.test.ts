import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { type OperationContext, problem, WeftError } from '../base/index.ts'
import { askOwner, hereOrThere, type Question } from './attach.ts'
import type { Request } from './frames.ts'
import { readHolder, socketPath } from './holder.ts'
import { Owner, type OwnerOptions } from './owner.ts'
import { servingProblems } from './problems.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const stateFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'weft-test-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const opened = (state: string, run: OwnerOptions['run'], more: Partial<OwnerOptions> = {}): Owner => {
  const isLong = (name: string): boolean | undefined => (name === 'nothing.known' ? undefined : name.startsWith('run.'))
  const options = { state, command: 'weft run', version: '1', now: new Date(0), messageBytesMax: 100_000 }
  const owner = Owner.open({ ...options, isLong, run, ...more })
  ends.push(() => owner.close(AbortSignal.abort()))
  return owner
}

const context = (more: Partial<OperationContext<unknown>> = {}): OperationContext<unknown> => ({
  parts: undefined,
  principal: { kind: 'operator', name: 'ada' },
  purpose: 'operations',
  signal: new AbortController().signal,
  progress: () => {},
  ...more,
})

const question = (state: string, operation: string, input: unknown = {}, more = context()): Question => ({
  state,
  version: '1',
  operation,
  input,
  asker: 'weft status (process 2)',
  context: more,
})

/** A promise and what resolves it. */
const gate = () => {
  let open = (): void => {}
  const passed = new Promise<void>(resolve => {
    open = resolve
  })
  return { passed, open }
}

test('an operation is done with who asks, why and with what, and its answer comes back whole', async () => {
  const state = stateFolder()
  let seen: Request | undefined
  const long = 'ä'.repeat(300_000)
  opened(state, async (request, { principal, purpose, progress }) => {
    seen = request
    progress({ subject: 'a.b', activity: 'build', state: 'started' })
    return { principal, purpose, long }
  })
  const events: string[] = []
  const asked = question(state, 'mesh.status', { x: 1 }, context({ progress: it => events.push(it.subject) }))
  expect(await askOwner(asked)).toEqual({
    kind: 'answer',
    value: { principal: { kind: 'operator', name: 'ada' }, purpose: 'operations', long },
  })
  expect(seen).toMatchObject({ operation: 'mesh.status', input: { x: 1 } })
  expect(events).toEqual(['a.b'])
})

test('bytes that are written as they come arrive in order', async () => {
  const state = stateFolder()
  opened(state, async (_, { output }) => {
    for (let n = 0; n < 50; n++) await new Promise(resolve => output?.write(`${n},`.repeat(3000), resolve))
    return {}
  })
  let got = ''
  const output = new Writable({
    highWaterMark: 10,
    write(chunk: Buffer, _encoding, done) {
      got += chunk.toString()
      setImmediate(done)
    },
  })
  await askOwner(question(state, 'data.export', {}, context({ output })))
  await new Promise(resolve => output.end(resolve))
  expect(got).toBe(Array.from({ length: 50 }, (_, n) => `${n},`.repeat(3000)).join(''))
})

test('what an operation throws is thrown to who asked, a bug as a bug', async () => {
  const state = stateFolder()
  opened(state, async ({ operation }) => {
    if (operation === 'a.bug') throw new TypeError('x is not a function')
    throw new WeftError('blocked', problem(servingProblems, 'owner.busy', 'no', { subject: 'a.b' }))
  })
  await expect(askOwner(question(state, 'mesh.status'))).rejects.toMatchObject({
    kind: 'blocked',
    code: 'owner.busy',
    problems: [{ subject: 'a.b' }],
  })
  await expect(askOwner(question(state, 'a.bug'))).rejects.toThrow('x is not a function')
  await expect(askOwner(question(state, 'nothing.known'))).rejects.toThrow('nothing.known')
})

test('without the token nothing is done and nothing is told', async () => {
  const state = stateFolder()
  let isCalled = false
  opened(state, async () => {
    isCalled = true
  })
  const holder = readHolder(state)
  const told = async (line: string): Promise<string> => {
    const socket = connect(holder?.socket ?? '')
    socket.write(`${line}\n`)
    return text(socket)
  }
  const { context: _, asker, operation, input } = question(state, 'mesh.status')
  const request = { asker, operation, input, principal: { kind: 'operator', name: 'ada' }, purpose: 'x' }
  expect(await told(JSON.stringify({ ...request, token: `${holder?.token.slice(0, -1)}x` }))).toBe('')
  expect(await told(JSON.stringify({ ...request, token: '' }))).toBe('')
  expect(await told('no JSON')).toBe('')
  expect(isCalled).toBe(false)
  expect(await told(JSON.stringify({ ...request, token: holder?.token }))).toContain('"answer"')
})

test('only its owner may read the token and open the socket', () => {
  const state = stateFolder()
  opened(state, async () => 1)
  expect(statSync(join(state, 'holder.json')).mode & 0o777).toBe(0o600)
  const deep = join(state, 'x'.repeat(60), 'y'.repeat(60))
  mkdirSync(deep, { recursive: true })
  const far = socketPath(deep)
  expect(Buffer.byteLength(far)).toBeLessThan(104)
  expect(statSync(join(far, '..')).mode & 0o777).toBe(0o700)
  ends.push(() => rmSync(join(far, '..'), { recursive: true, force: true }))
})

test('a question that is too large is refused, and the owner lives', async () => {
  const state = stateFolder()
  opened(state, async () => 1)
  await expect(askOwner(question(state, 'data.query', { sql: 'x'.repeat(200_000) }))).rejects.toMatchObject({
    code: 'owner.message-too-large',
  })
  expect(await askOwner(question(state, 'data.query'))).toEqual({ kind: 'answer', value: 1 })
})

test('a short command takes on nothing long; a long one does, in turn', async () => {
  const state = stateFolder()
  const owner = opened(state, async () => 'done')
  expect(await askOwner(question(state, 'run.start'))).toMatchObject({ kind: 'later' })
  const first = gate()
  const own = owner.inTurn(
    'weft apply',
    new AbortController().signal,
    () => {},
    () => first.passed,
  )
  const told = gate()
  const second = askOwner(
    question(
      state,
      'run.start',
      {},
      context({
        progress: it => {
          expect(it.detail).toBe('waits for weft apply')
          told.open()
        },
      }),
    ),
  )
  await told.passed
  expect(owner.waiting).toEqual(['weft status (process 2)'])
  // What is short is answered meanwhile.
  expect(await askOwner(question(state, 'mesh.status'))).toEqual({ kind: 'answer', value: 'done' })
  first.open()
  await own
  expect(await second).toEqual({ kind: 'answer', value: 'done' })
})

test('who gives up waiting for a turn does not let the next one overtake', async () => {
  const owner = opened(stateFolder(), async () => 1)
  const first = gate()
  const order: string[] = []
  const own = owner.inTurn(
    'one',
    new AbortController().signal,
    () => {},
    async () => {
      await first.passed
      order.push('one')
    },
  )
  const impatient = new AbortController()
  const given = owner.inTurn(
    'two',
    impatient.signal,
    () => {},
    async () => order.push('two'),
  )
  const third = owner.inTurn(
    'three',
    new AbortController().signal,
    () => {},
    async () => order.push('three'),
  )
  impatient.abort()
  await expect(given).rejects.toThrow()
  first.open()
  await Promise.all([own, third])
  expect(order).toEqual(['one', 'three'])
})

test('whoever stops asking, or vanishes, stops the operation', async () => {
  const state = stateFolder()
  const stopped: string[] = []
  const owner = opened(state, async ({ input }, { signal }) => {
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    stopped.push(String(input))
    return 'cancelled'
  })
  const stop = new AbortController()
  const asked = askOwner(question(state, 'data.query', 'polite', context({ signal: stop.signal })))
  stop.abort()
  expect(await asked).toEqual({ kind: 'answer', value: 'cancelled' })
  const { token, socket } = readHolder(state) ?? { token: '', socket: '' }
  const rude = connect(socket)
  const { context: _, state: __, version: ___, ...request } = question(state, 'data.query', 'rude')
  rude.write(`${JSON.stringify({ ...request, token, principal: { kind: 'operator', name: 'ada' }, purpose: 'x' })}\n`)
  await expect.poll(() => owner.waiting.length).toBe(1)
  rude.destroy()
  await expect.poll(() => stopped).toEqual(['polite', 'rude'])
})

test('an owner that ends finishes what it took on; one that is stopped says so', async () => {
  const state = stateFolder()
  const begun = gate()
  const work = gate()
  const owner = opened(state, async (_, { signal }) => {
    begun.open()
    await Promise.race([work.passed, new Promise(resolve => signal.addEventListener('abort', resolve))])
    return 'done'
  })
  const asked = askOwner(question(state, 'data.query'))
  await begun.passed
  const closing = owner.close(new AbortController().signal)
  work.open()
  expect(await asked).toEqual({ kind: 'answer', value: 'done' })
  await closing
  expect(await askOwner(question(state, 'data.query'))).toEqual({ kind: 'absent' })

  const again = gate()
  const other = opened(state, async (_, { signal }) => {
    again.open()
    await new Promise(resolve => signal.addEventListener('abort', resolve))
  })
  const stopped = askOwner(question(state, 'data.query'))
  const outcome = expect(stopped).rejects.toMatchObject({ code: 'owner.gone', kind: 'unreachable' })
  await again.passed
  await other.close(AbortSignal.abort())
  await outcome
})

test('what a killed owner leaves blocks nobody', async () => {
  const state = stateFolder()
  writeFileSync(join(state, 'socket'), '')
  writeFileSync(join(state, 'holder.json'), '{"pid":')
  expect(await askOwner(question(state, 'mesh.status'))).toEqual({ kind: 'absent' })
  opened(state, async () => 'new')
  expect(await askOwner(question(state, 'mesh.status'))).toEqual({ kind: 'answer', value: 'new' })
})

test('waiting for a held catalogue has an end, and names who holds it', async () => {
  const state = stateFolder()
  opened(state, async () => 1, { version: '2', command: 'weft apply' })
  const ways = { isHeld: () => true, here: async () => 1, question: question(state, 'mesh.status') }
  await expect(hereOrThere({ ...ways, isRepeatable: true, waitMs: 100 })).rejects.toMatchObject({
    code: 'owner.busy',
    kind: 'unreachable',
    message: expect.stringMatching(/weft apply \(process \d+\) of version 2/),
  })
})

test('an owner that vanishes is asked again where that changes nothing', async () => {
  const state = stateFolder()
  let asked = 0
  const owner = opened(state, async () => {
    asked++
    for (const socket of Reflect.get(owner, 'sockets') as Set<{ destroy(): void }>) socket.destroy() // as a kill would
    return 1
  })
  const ways = { here: async () => 'here', question: question(state, 'mesh.status'), waitMs: 1000 }
  expect(await hereOrThere({ ...ways, isHeld: () => asked === 0, isRepeatable: true })).toBe('here')
  asked = 0
  await expect(hereOrThere({ ...ways, isHeld: () => asked === 0, isRepeatable: false })).rejects.toMatchObject({
    code: 'owner.gone',
  })
})
