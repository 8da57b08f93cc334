import { Ajv2019 } from 'ajv/dist/2019.js'
import { test } from 'vitest'
import { mutate, poolOf, randomOf } from '../../../test/support/mutations.ts'
import { standardFiles, standardSchema } from '../../../test/support/standards.ts'
import { findingsOf } from './index.ts'

test('x', () => {
  for (const [kind, schema, dirs, n] of [
    ['DataContract', 'odcs/odcs-json-schema-v3.2.0.json', ['odcs/examples', 'odcs/must-be-rejected'], 12000],
    ['DataProduct', 'odps/odps-json-schema-v1.1.0.json', ['odps/examples'], 6000],
  ] as const) {
    const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: false })
    const check = ajv.compile(standardSchema(schema))
    const bodies = dirs.flatMap(d => standardFiles(d)).map(it => it.body)
    const pool = poolOf(bodies)
    const random = randomOf(Number(process.env.SEED ?? 4711))
    const groups = new Map<string, number>()
    let refused = 0
    for (let i = 0; i < n; i++) {
      let m = mutate(bodies[random(bodies.length)], random, pool)
      m = mutate(m.body, random, pool)
      const theirs = check(m.body)
      const ours = findingsOf(kind, m.body)
      if (!theirs) refused++
      if (theirs === (ours.findings.length === 0)) continue
      const e = check.errors?.[0]
      const sig = theirs
        ? `WE REFUSE ${ours.findings[0]!.code} ${ours.findings[0]!.message} @ ${ours.findings[0]!.path.map(p => (typeof p === 'number' ? '[]' : p)).join('.')}`
        : `WE ACCEPT ${m.kind} ${m.path} ${e?.instancePath} ${e?.message} ${JSON.stringify(e?.params)}`
      groups.set(sig, (groups.get(sig) ?? 0) + 1)
    }
    console.log(kind, 'refused', refused, 'of', n, 'groups', groups.size)
    for (const [k, v] of [...groups].sort((a, b) => b[1] - a[1]).slice(0, 70)) console.log(v, k)
  }
}, 300000)
