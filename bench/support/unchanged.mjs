import { startRuns } from '../../dist/pipelines/index.js'
import { Platform } from '../../dist/platform.js'

/** Seconds on the clock of a run with nothing to do in a process that has the mesh and the catalogue open. */
export const secondsUnchanged = async project => {
  const platform = await Platform.open({
    project,
    principal: { kind: 'operator', name: 'bench' },
    purpose: 'bench',
    signal: new AbortController().signal,
  })
  try {
    const run = () => startRuns.run(platform.context(), { selectors: [], full: false })
    await run()
    const started = performance.now()
    await run()
    return (performance.now() - started) / 1000
  } finally {
    await platform.close()
  }
}
