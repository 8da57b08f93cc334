#!/usr/bin/env node
// The size of libuv's thread pool is read when the first asynchronous file call is made: inside an ES module that is too late.
process.env.UV_THREADPOOL_SIZE ??= '16'
// A command lives for seconds: compiling its code a second time, better, costs more than it saves. Half of the processor time of a
// command that has nothing to do went there (2.9 s to 1.5 s). Rows that a query prints are worth it.
const v8 = require('node:v8')
v8.setFlagsFromString('--liftoff-only')
// The embedded catalogue is a module of 10 MB, of which a command runs a little: functions are looked at when they are called.
v8.setFlagsFromString('--wasm-lazy-validation')
if (process.argv[2] !== 'query') v8.setFlagsFromString('--no-opt')
import('../dist/start/main.js').then(
  cli => cli.main(process.argv.slice(2)),
  error => {
    process.stderr.write(`weft could not start: ${error.message}\nRun "npm run build" in the package's folder.\n`)
    process.exitCode = 1
  },
)
