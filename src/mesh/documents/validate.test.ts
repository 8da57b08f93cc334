import { describe, expect, test } from 'vitest'
import { parseFile } from '../yaml.ts'
import { type DocumentKind, validateDocument } from './index.ts'

const check = <Kind extends DocumentKind>(kind: Kind, text: string) => {
  const { body, at } = parseFile('a.yaml', text)
  return validateDocument(kind, body, at)
}

/** `line:column code help` of each problem. */
const told = (kind: DocumentKind, text: string): string[] =>
  check(kind, text).problems.map(
    it => `${it.line}:${it.column} ${it.code}${it.help === undefined ? '' : ` ${it.help}`}`,
  )

const domain = (rest: string): string => `apiVersion: weft/v1\nkind: Domain\nid: sales\n${rest}`
const contract = (rest: string): string =>
  `apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: active\n${rest}`

describe('one problem for one mistake', () => {
  test('a misspelt key is told at the key, with the nearest', () => {
    expect(told('Domain', domain('storrage: file:x'))).toEqual(['4:1 document.unknown-key did you mean "storage"?'])
  })

  test('a misspelt key that must be there is not also missing', () => {
    expect(told('Domain', 'apiVersion: weft/v1\nkind: Domain\nidd: sales')).toEqual([
      '3:1 document.unknown-key did you mean "id"?',
    ])
    expect(
      told('DataContract', contract('servers:\n  - server: a\n    type: local\n    pth: x\n    format: csv')),
    ).toEqual(['9:5 document.unknown-key did you mean "path"?'])
  })

  test('a missing key is told where it would be', () => {
    const { problems } = check(
      'DataContract',
      contract('schema:\n  - name: a\n    properties:\n      - logicalType: string'),
    )
    expect(problems).toMatchObject([{ line: 9, column: 9, code: 'document.missing-key', expected: 'name' }])
  })

  test('a wrong word names the valid ones and the nearest', () => {
    const { problems } = check('Domain', domain('stage: guidd'))
    expect(problems).toMatchObject([
      {
        line: 4,
        column: 8,
        code: 'document.wrong-value',
        found: 'guidd',
        expected: 'guided, trusted, autonomous',
        help: 'did you mean "guided"?',
      },
    ])
  })

  test('a value of the wrong type hides what would be wrong inside', () => {
    expect(told('DataContract', contract('servers:\n  - [local]'))).toEqual(['7:5 document.wrong-type'])
    expect(told('DataContract', contract('schema: orders'))).toEqual(['6:9 document.wrong-type'])
  })

  test('all mistakes of a file are told at once', () => {
    expect(told('Domain', domain('stage: guidd\nlimits: { slots: 0, memory: 2 apples }'))).toEqual([
      '4:8 document.wrong-value did you mean "guided"?',
      '5:29 document.wrong-value',
      '5:18 document.wrong-value',
    ])
  })
})

describe('traps of YAML', () => {
  test('a version that is read as a number', () => {
    const text = 'apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0\nstatus: active'
    expect(told('DataContract', text)).toEqual(['4:10 document.wrong-type quote the version: "1.0.0"'])
    expect(told('DataContract', text.replace('1.0', '1.2'))).toEqual([
      '4:10 document.wrong-type quote the version: "1.2"',
    ])
  })

  test('a type that is cut at its comma', () => {
    const text = contract('schema:\n  - name: a\n    properties:\n      - { name: total, physicalType: numeric(18,2) }')
    expect(told('DataContract', text)).toEqual(['9:49 document.unknown-key quote the type: "numeric(18,2)"'])
  })

  test('a text that is cut at its comma is put together, with a warning', () => {
    const { value, problems } = check('Domain', domain('description: { purpose: Whom we know, and how. }'))
    expect(problems).toMatchObject([{ severity: 'warning', code: 'document.lenient', line: 4, column: 39 }])
    expect(value?.description?.purpose).toBe('Whom we know, and how.')
  })
})

describe('a document with mistakes', () => {
  test('is given as it was most likely meant', () => {
    const { value } = check('Domain', domain('stage: guidd\nengnie: fast\nlimits: { slots: 0, memory: 2GB }'))
    expect(value).toMatchObject({ id: 'sales', stage: 'guided', engine: 'fast', limits: { memory: '2GB' } })
    expect(value?.limits).not.toHaveProperty('slots')
  })

  test('is not given where a part that must be there is missing', () => {
    expect(check('Domain', 'apiVersion: weft/v1\nkind: Domain').value).toBeUndefined()
  })

  test('keeps its lists whole, so that the places of their entries stay right', () => {
    expect(check('DataContract', contract('schema:\n  - physicalName: a\n  - name: b')).value).toBeUndefined()
  })

  test('decides nothing about access with a part left out', () => {
    const policy = (more: string): string =>
      `apiVersion: weft/v1\nkind: Policy\nid: a\ntype: access\n${more}\nrules: [{ id: b, effect: allow }]`
    expect(check('Policy', policy('mode: warn')).value).toBeDefined()
    expect(check('Policy', policy('unheard: 1')).value).toBeUndefined()
  })
})

test('a part that was moved while it was read is told where it was written', () => {
  const { problems } = check('DataContract', contract('team:\n  - username: ann\n  - usrname: bob'))
  expect(problems).toMatchObject([
    { line: 8, column: 5, code: 'document.unknown-key', help: 'did you mean "username"?' },
    { line: 7, column: 3, code: 'document.lenient' },
  ])
})

test('a mistake in an expression is told at its word, in quotes or not', () => {
  const policy = (text: string): string =>
    `apiVersion: weft/v1\nkind: Policy\nid: a\ntype: standard\nrules:\n  - { id: b, on: column, require: ${text} }`
  for (const [text, column] of [
    ['exists column.descripton', 49],
    ['"exists column.descripton"', 50],
  ] as const) {
    const { problems } = check('Policy', policy(text))
    expect(problems).toMatchObject([{ line: 6, column, endColumn: column + 10, help: 'did you mean "description"?' }])
  }
})

describe('our own kinds', () => {
  test('a pipeline has a schedule by clock or by inputs', () => {
    const pipeline = (schedule: string): string =>
      `apiVersion: weft/v1\nkind: Pipeline\nproduct: a.b\nschedule: ${schedule}`
    expect(told('Pipeline', pipeline('{ cron: "15 5 * * *", timezone: Europe/London }'))).toEqual([])
    expect(told('Pipeline', pipeline('{ after: [orders], all: true }'))).toEqual([])
    expect(told('Pipeline', pipeline('{ overlap: skip }'))).toEqual(['4:1 document.missing-key'])
    expect(told('Pipeline', pipeline('{ crn: "15 5 * * *" }'))).toEqual([
      '4:13 document.unknown-key did you mean "cron"?',
    ])
    expect(told('Pipeline', pipeline('{ cron: "15 5 * *" }'))).toEqual(['4:19 document.wrong-value'])
    expect(told('Pipeline', pipeline('{ cron: "15 5 * * *", timezone: Europe/Londn }'))).toEqual([
      '4:43 document.wrong-value did you mean "Europe/London"?',
    ])
  })

  test('a partitioned dataset says by what', () => {
    const text =
      'apiVersion: weft/v1\nkind: Pipeline\nproduct: a.b\ndatasets:\n  orders: { materialization: partitioned }'
    expect(told('Pipeline', text)).toEqual(['5:3 document.missing-key'])
  })

  test('an agreement has instants with a zone', () => {
    const text = (start: string): string =>
      `apiVersion: weft/v1\nkind: AccessAgreement\nid: a\nstartTimestamp: "${start}"\nprovider: { dataProductId: a }\nconsumer: { dataProductId: b }`
    expect(told('AccessAgreement', text('2026-10-01T08:00:00Z'))).toEqual([])
    expect(told('AccessAgreement', text('2026-10-01'))).toEqual(['4:17 document.wrong-value'])
  })

  test('a mesh names no secret but by its name', () => {
    const text = 'apiVersion: weft/v1\nkind: Mesh\nid: m\nconnections: { shop: { type: postgres, password: x } }'
    expect(told('Mesh', text)).toEqual(['4:40 document.unknown-key'])
  })

  test('durations, sizes and days are of their form', () => {
    expect(told('Domain', domain('limits: { runTime: 30h, memory: 2GB, bytesStored: 1TB }'))).toEqual([])
    expect(told('Domain', domain('limits: { runTime: "30" }'))).toEqual(['4:20 document.wrong-value'])
    const member = (day: string): string => domain(`team: { name: s, members: [{ username: ann, dateIn: "${day}" }] }`)
    expect(told('Domain', member('2028-02-29'))).toEqual([])
    expect(told('Domain', member('2026-02-29'))).toEqual(['4:53 document.wrong-value'])
  })
})
