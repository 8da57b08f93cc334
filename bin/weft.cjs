#!/usr/bin/env node
// The size of libuv's thread pool is read when the first asynchronous file call is made: inside an ES module that is too late.
process.env.UV_THREADPOOL_SIZE ??= '16'
import('../dist/cli/main.js').then(
  cli => cli.main(process.argv.slice(2)),
  error => {
    process.stderr.write(`weft could not start: ${error.message}\nRun "npm run build" in the package's folder.\n`)
    process.exitCode = 1
  },
)
