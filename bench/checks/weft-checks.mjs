/** Weft in one process: the contract of this folder, as often as asked, with the processor time of each. */
import { testDataOperation } from '../../dist/pipelines/index.js'
import { Platform } from '../../dist/platform.js'

const platform = await Platform.open({
  project: process.cwd(),
  principal: { kind: 'operator', name: 'bench' },
  purpose: 'bench',
  signal: new AbortController().signal,
})
const each = []
let checks
for (let n = 0; n < Number(process.argv[2]); n++) {
  const before = process.cpuUsage()
  const answer = await testDataOperation.run(platform.context(), { selectors: ['orders'], data: 'data.parquet' })
  const { user, system } = process.cpuUsage(before)
  each.push((user + system) / 1e6)
  checks = answer.checks
}
await platform.close()
console.log(JSON.stringify({ each, checks }))
