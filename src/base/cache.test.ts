import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openCache } from './cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-cache-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const file = (): string => join(folder, 'made', String(count++))

const fill = (path: string, values: Readonly<Record<string, unknown>>, scope = 'one'): void => {
  const cache = openCache(path, scope)
  for (const [key, value] of Object.entries(values)) cache.set(key, value)
  cache.save()
}

describe('what is kept', () => {
  test('is found again by the next process, old and new together', () => {
    const path = file()
    fill(path, { a: { text: 'one\ntwo\tthree 😀', list: [1, null, true] } })
    const second = openCache(path, 'one')
    second.get('a')
    second.set('b', 2)
    second.save()
    const cache = openCache(path, 'one')
    expect(cache.get('a')).toEqual({ text: 'one\ntwo\tthree 😀', list: [1, null, true] })
    expect(cache.get('b')).toBe(2)
    expect(cache.get('c')).toBeUndefined()
  })

  test('is the last that was said of a key', () => {
    const path = file()
    fill(path, { a: 1, b: 1 })
    fill(path, { a: 2 })
    expect(openCache(path, 'one').get('a')).toBe(2)
  })

  test('is nothing that JSON would change', () => {
    const path = file()
    fill(path, { nan: Number.NaN, zero: -0, absent: { a: undefined }, date: new Date(0), 'tab\tkey': 1, good: 0 })
    const cache = openCache(path, 'one')
    for (const key of ['nan', 'zero', 'absent', 'date', 'tab\tkey']) expect(cache.get(key)).toBeUndefined()
    expect(cache.get('good')).toBe(0)
  })

  test('is nothing for another scope', () => {
    const path = file()
    fill(path, { a: 1 })
    expect(openCache(path, 'two').get('a')).toBeUndefined()
    fill(path, { a: 2 }, 'two')
    expect(openCache(path, 'one').get('a')).toBeUndefined()
    expect(openCache(path, 'two').get('a')).toBe(2)
  })
})

test('what a process left that was killed while it wrote goes, and no other file', () => {
  const path = file()
  fill(path, { a: 1 })
  const gone = String(spawnSync(process.execPath, ['--version']).pid)
  const others = [`${path}.${process.ppid}`, `${path}x.${gone}`, `${path}.old`]
  for (const it of [`${path}.${gone}`, ...others]) writeFileSync(it, '')
  const cache = openCache(path, 'another')
  cache.set('b', 2)
  cache.save()
  expect(existsSync(`${path}.${gone}`)).toBe(false)
  expect(others.filter(it => !existsSync(it))).toEqual([])
})

describe('a damaged file', () => {
  test('loses its broken line and no other', () => {
    const path = file()
    fill(path, { a: 'first', b: 'second', c: 'third' })
    writeFileSync(path, readFileSync(path, 'utf8').replace('"second"', '"secomd"'))
    const cache = openCache(path, 'one')
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['first', undefined, 'third'])
  })

  test('that was broken off takes up new lines', () => {
    const path = file()
    fill(path, { a: 'first', b: 'second', c: 'third' })
    appendFileSync(path, 'd\t123\t"brok')
    const cache = openCache(path, 'one')
    for (const key of ['a', 'b', 'c']) cache.get(key)
    cache.set('e', 'fifth')
    cache.save()
    const next = openCache(path, 'one')
    expect([next.get('c'), next.get('d'), next.get('e')]).toEqual(['third', undefined, 'fifth'])
  })

  test('of any bytes is an empty one', () => {
    const path = file()
    fill(path, { a: 1 })
    writeFileSync(path, Buffer.from([0, 255, 10, 9, 128]))
    expect(openCache(path, 'one').get('a')).toBeUndefined()
    fill(path, { a: 3 })
    expect(openCache(path, 'one').get('a')).toBe(3)
  })
})

describe('room', () => {
  test('what nobody asks for any more goes when it is more than half', () => {
    const path = file()
    fill(path, Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key ${n}`, 'x'.repeat(100)])))
    const bytes = readFileSync(path).length
    const cache = openCache(path, 'one')
    for (let n = 0; n < 40; n++) cache.get(`key ${n}`)
    cache.save()
    expect(readFileSync(path).length).toBeLessThan(bytes / 2)
    expect(openCache(path, 'one').get('key 39')).toBe('x'.repeat(100))
    expect(openCache(path, 'one').get('key 40')).toBeUndefined()
  })

  test('a place that cannot be written to is no mistake', () => {
    const path = join(file(), 'below')
    fill(join(path, '..'), { a: 1 })
    expect(() => fill(path, { a: 1 })).not.toThrow()
    expect(openCache(path, 'one').get('a')).toBeUndefined()
  })
})
