/** The shop from nothing: its files are generated, its mesh is planned, applied, built and published. `npm run shop` at the root of the repository calls it. */
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const shop = fileURLToPath(new URL('.', import.meta.url))
const weft = fileURLToPath(new URL('../../bin/weft.cjs', import.meta.url))

const call = (...args) => {
  const { status, signal } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))
}

call(`${shop}generate.mjs`)
call(weft, 'apply', '--yes', '--project', shop)
console.log()
call(weft, 'status', '--project', shop)

const here = relative(process.cwd(), shop) || '.'
console.log(`
Three things to try:
  node bin/weft.cjs query --project ${here} "select region, sum(net) as net from finance.revenue.daily_revenue group by region order by net desc"
  change a line of ${here}/domains/marketing/segments/models/segments.sql, then: node bin/weft.cjs plan --project ${here}
  node ${here}/generate.mjs --spoil 2025-12-05 && node bin/weft.cjs run --project ${here}   (bad data is not published)`)
