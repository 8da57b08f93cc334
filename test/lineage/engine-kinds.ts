/** The enumerations of the engine, read from its library: tables of a number and the place of a name, as ELF has them. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Where the library is, or nothing where it is of another form. */
export const engineLibrary = (): string | undefined => {
  if (process.platform !== 'linux') return undefined
  const bindings = createRequire(require.resolve('@duckdb/node-api'))
  return createRequire(bindings.resolve('@duckdb/node-bindings')).resolve(
    `@duckdb/node-bindings-linux-${process.arch}/libduckdb.so`,
  )
}

interface Section {
  readonly kind: number
  readonly address: number
  readonly offset: number
  readonly size: number
}

const zeroed = 8
const relocations = 4
/** "This place holds that address": of x86-64 and of AArch64. */
const relative = new Set([8, 1027])

/** Gives the names of the enumeration that has this one, in the order of their numbers; undefined where none has it. */
export const enumerationsOf = (path: string): ((name: string, other: string) => readonly string[] | undefined) => {
  const file = readFileSync(path)
  const number = (at: number): number => Number(file.readBigUInt64LE(at))
  const [headers, size, count] = [number(0x28), file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)]
  const sections: Section[] = Array.from({ length: count }, (_, index) => headers + index * size).map(at => ({
    kind: file.readUInt32LE(at + 4),
    address: number(at + 16),
    offset: number(at + 24),
    size: number(at + 32),
  }))
  const loaded = sections.filter(it => it.address > 0 && it.kind !== zeroed)
  const offsetOf = (address: number): number | undefined => {
    const section = loaded.find(it => address >= it.address && address < it.address + it.size)
    return section === undefined ? undefined : address - section.address + section.offset
  }
  const addressOf = (offset: number): number | undefined => {
    const section = loaded.find(it => offset >= it.offset && offset < it.offset + it.size)
    return section === undefined ? undefined : offset - section.offset + section.address
  }
  /** By the place that holds it: the address that is put there when the library is loaded. */
  const pointers = new Map<number, number>()
  for (const { offset, size: bytes } of sections.filter(it => it.kind === relocations))
    for (let at = offset; at < offset + bytes; at += 24)
      if (relative.has(file.readUInt32LE(at + 8))) pointers.set(number(at), number(at + 16))
  const entryAt = (place: number): { number: number; name: string } | undefined => {
    const [name, own] = [offsetOf(pointers.get(place) ?? 0), offsetOf(place - 8)]
    if (name === undefined || own === undefined) return undefined
    return { number: file.readUInt32LE(own), name: file.toString('latin1', name, file.indexOf(0, name)) }
  }
  /** Numbers rise within one enumeration and begin anew in the next. */
  const around = (place: number): string[] => {
    const names = [entryAt(place)?.name ?? '']
    for (const step of [-16, 16])
      for (let at = place; ; at += step) {
        const [here, next] = [entryAt(at), entryAt(at + step)]
        if (here === undefined || next === undefined) break
        if (!/^[A-Z][A-Z0-9_]*$/.test(next.name) || Math.sign(next.number - here.number) !== Math.sign(step)) break
        if (step < 0) names.unshift(next.name)
        else names.push(next.name)
      }
    return names
  }
  return (name, other) => {
    const text = Buffer.from(`${name}\0`)
    const addresses = new Set<number | undefined>()
    for (let at = file.indexOf(text); at >= 0; at = file.indexOf(text, at + 1)) addresses.add(addressOf(at))
    return [...pointers]
      .filter(([, address]) => addresses.has(address))
      .map(([place]) => around(place))
      .find(names => names.includes(other))
  }
}
