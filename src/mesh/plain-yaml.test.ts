import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { randomOf } from '../../test/support/mutations.ts'
import { titled } from '../../test/support/standards.ts'
import { plainBody } from './plain-yaml.ts'
import { parseWithPlaces } from './yaml.ts'

const count = Number(process.env.WEFT_YAML ?? 5_000)

/** What the reader that knows places finds; undefined where it finds fault. */
const slowBody = (text: string): { readonly body: unknown } | undefined => {
  const { body, problems } = parseWithPlaces('a.yaml', text)
  return problems.length > 0 ? undefined : { body }
}

/** The order of keys is part of a document. */
const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) && JSON.stringify(one) === JSON.stringify(other)

const textsBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter(it => /\.(ya?ml|json)$/.test(it) && !it.includes('node_modules'))
        .sort()
        .map(it => readFileSync(join(folder, it), 'utf8'))
        .filter(it => it.length < 50_000)
    : []

const texts = [
  ...textsBelow('examples'),
  ...textsBelow('../shared/standards'),
  'a: |\n  one\n  two\nb: >-\n  folded\n  text\n\n  more\nc: >+\n  kept\n\nd: |2\n    deep\n',
  "a: \"\\u0041\\n \\x41 \\\n  more\"\nb: 'it''s'\nc: plain text\n  that goes on\n",
  'a: [1, -2, +3, 0o17, 0x1F, 1.5, .5, 1., 1e3, -1.5E-3, .inf, -.Inf, .NaN]\nb: {c: d, e: [f, {g: h}], i}\n',
  'a: yes\nb: on\nc: 012\nd: 1_000\ne: 0b11\nf: 2020-01-01\ng: 12:30:45\nh: -0\ni: 9007199254740993\nj: ~\nk:\nl: NULL\nm: True\n',
  '1: a\n1.50: b\ntrue: c\n2020-01-01: d\n? e\n: f\n',
  '- a\n-\n  - b\n- c: d\n  e: f\n-  - g\n   - h\n',
  'a:\n- b\n- c\nd: # said\n  e # not said\nf: g#h\n',
]

test(titled('a plain text has the values that the reader with places finds'), () => {
  const plain = texts.filter(it => plainBody(it) !== undefined)
  for (const text of plain) expect(plainBody(text)).toEqual(slowBody(text))
  expect(plain.length).toBeGreaterThan(texts.length / 2)
})

test.each([
  ['a character that is none', 'a: "\\U00110000"\n'],
  ['half a character', 'a: "\\udc00"\n'],
  ['a key that is too long', `${'k'.repeat(1100)}: 1\n`],
  ['a number without end', `a: 0x${'f'.repeat(280)}\n`],
  ['lines that end otherwise', 'a: 1\r\nb: 2\r\n'],
])('%s is left to that reader', (_, text) => {
  expect(plainBody(text)).toBeUndefined()
})

test('much space is passed over at once', { timeout: 10_000 }, () => {
  for (const space of ['\n', ' ', '\n ', '- ', '{ ']) plainBody(`a: 1\n${space.repeat(1_000_000)}b: 2\n`)
})

const pieces = [
  ...[
    '\n',
    '\n  ',
    ' ',
    '  ',
    ':',
    ': ',
    ',',
    '- ',
    '\n- ',
    '#',
    ' #',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    '|',
    '>',
    '|-',
    '>+',
    '|2',
    '%',
  ],
  ...[
    '?',
    '? ',
    '&a',
    '*a',
    '!',
    '!!str',
    '<<',
    '---',
    '...',
    '~',
    'null',
    'true',
    'yes',
    '0',
    '1',
    '-1',
    '0o7',
    '\\U0011',
    '\\ud800',
    '0xffffffff',
    '0x',
    '1_0',
    '.5',
    'e3',
    '.inf',
    '\t',
  ],
  ...['é', '\u00A0', '\u2028', '\uFEFF', '\r\n', '\u0085', '😀', '@', '`', '=', 'a', '__proto__'],
]

test(titled(`so does one of ${count} damaged texts, or it is left to that reader`), { timeout: 600_000 }, () => {
  const random = randomOf(20_261_129)
  let plain = 0
  for (let at = 0; at < count; at++) {
    const whole = (texts[random(texts.length)] ?? '').split('\n')
    // A part of a file: where it is short, a mistake matters more often.
    const from = random(whole.length)
    let text = whole.slice(from, from + 1 + random(20)).join('\n')
    for (let changes = random(4); changes > 0; changes--) {
      const place = random(text.length + 1)
      text = text.slice(0, place) + (pieces[random(pieces.length)] ?? '') + text.slice(place + random(3))
    }
    const fast = plainBody(text)
    if (fast === undefined) continue
    plain += 1
    const slow = slowBody(text)
    expect(slow !== undefined && isSame(fast.body, slow.body), JSON.stringify([text, fast.body, slow?.body])).toBe(true)
  }
  expect(plain).toBeGreaterThan(count / 10)
})
