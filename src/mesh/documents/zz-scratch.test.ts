import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { parseFile } from '../yaml.ts'
import { documentKinds, validateDocument } from './index.ts'

const walk = (d: string): string[] =>
  readdirSync(d).flatMap(f => {
    const p = join(d, f)
    return statSync(p).isDirectory() ? walk(p) : /\.ya?ml$/.test(p) ? [p] : []
  })
test('x', () => {
  for (const dir of [
    '../shared/standards/odcs',
    '../shared/standards/odps',
    '../shared/standards/worked-example',
    'examples',
  ])
    for (const f of walk(dir)) {
      const p = parseFile(f, readFileSync(f, 'utf8'))
      const kind = (p.body as any)?.kind
      const k = documentKinds.find(it => it === kind) ?? (f.includes('odcs') ? ('DataContract' as const) : undefined)
      if (!k) {
        console.log('NOKIND', f, kind)
        continue
      }
      const { problems, value } = validateDocument(k, p.body, p.at)
      if (f.includes('must-be-rejected'))
        console.log(
          'REJ',
          f.split('/').at(-1),
          value === undefined,
          problems.map(it => `${it.line}:${it.column} ${it.code} ${it.message} | found=${it.found} | help=${it.help}`),
        )
      else if (problems.length)
        console.log(
          '!!',
          f,
          problems.map(it => `${it.line}:${it.column} ${it.code} ${it.message}`),
        )
    }
})
