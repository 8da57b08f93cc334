/** What any engine must do, run against every engine that there is. */
import { describe } from 'vitest'
import { failureSuite } from './failure.suite.ts'
import type { Engine } from './index.ts'
import { readingSuite } from './reading.suite.ts'
import { sealedSuite } from './sealed.suite.ts'
import { statementSuite } from './statement.suite.ts'
import { streamingSuite } from './streaming.suite.ts'
import { writingSuite } from './writing.suite.ts'

/** Runs all of it; `open` gives the engine anew. */
export const engineSuite = (name: string, open: () => Promise<Engine>): void => {
  describe(`engine ${name}`, () => {
    statementSuite(open)
    readingSuite(open)
    writingSuite(open)
    streamingSuite(open)
    failureSuite(open)
    sealedSuite(open)
  })
}
