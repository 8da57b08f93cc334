/** Loaded into a measured process: when it ends, its peak of memory stands in the file that WEFT_BENCH_RSS names. */
const { isMainThread } = require('node:worker_threads')
const file = process.env.WEFT_BENCH_RSS
if (isMainThread && file !== undefined)
  process.on('exit', () => require('node:fs').writeFileSync(file, String(process.resourceUsage().maxRSS)))
