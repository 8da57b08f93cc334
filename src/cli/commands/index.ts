/** All commands, in the order of `--help`: first what a day begins with. */
import type { Command } from '../command.ts'
import { apply } from './apply.ts'
import { cancel } from './cancel.ts'
import { check } from './check.ts'
import { diff } from './diff.ts'
import { explain } from './explain.ts'
import { fmt } from './fmt.ts'
import { init } from './init.ts'
import { logs } from './logs.ts'
import { newCommand } from './new.ts'
import { plan } from './plan.ts'
import { query } from './query.ts'
import { release } from './release.ts'
import { rollback } from './rollback.ts'
import { run } from './run.ts'
import { runs } from './runs.ts'
import { schema } from './schema.ts'
import { show } from './show.ts'
import { snapshots } from './snapshots.ts'
import { status } from './status.ts'
import { test } from './test.ts'
import { versionCommand } from './version.ts'

export const commands: readonly Command[] = [
  init,
  newCommand,
  check,
  plan,
  diff,
  show,
  apply,
  run,
  cancel,
  test,
  status,
  runs,
  logs,
  snapshots,
  rollback,
  release,
  query,
  fmt,
  schema,
  explain,
  versionCommand,
]
