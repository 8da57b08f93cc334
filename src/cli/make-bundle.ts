/** Run by the build: the command line as a few files instead of six hundred, since finding and reading those is a third of what a short command takes. */
import { rolldown } from 'rolldown'
import { inPackage } from '../base/package.ts'

const bundle = await rolldown({
  input: { main: inPackage('dist/cli/main.js') },
  platform: 'node',
  // Native parts and what is only loaded in a process or thread of its own stay where they are.
  external: [/^@duckdb\/node-bindings/, /^pg(-|$)/, /^@electric-sql/, /^rolldown/],
  logLevel: 'silent',
})
await bundle.write({
  dir: inPackage('dist/start'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  minify: true,
  sourcemap: true,
})
await bundle.close()
