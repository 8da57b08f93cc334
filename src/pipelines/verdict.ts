/** From verdicts of rules to the verdict over a dataset. Pure. */
import { type Problem, problem } from '../base/index.ts'
import type { CheckResult } from './measure/result.ts'
import { pipelineProblems } from './problems.ts'
import type { CheckCounts } from './run.ts'

/** Rules of severity error that failed are `failed`, those that could not be evaluated `errored`; other severities are `warned` in both cases. */
export const countChecks = (checks: readonly CheckResult[]): CheckCounts => ({
  passed: checks.filter(check => check.state === 'passed').length,
  failed: checks.filter(check => check.state === 'failed' && check.severity === 'error').length,
  warned: checks.filter(check => check.state !== 'passed' && check.severity !== 'error').length,
  errored: checks.filter(check => check.state === 'error' && check.severity === 'error').length,
})

/** Whether a dataset with these verdicts may be published. */
export const mayPublish = (counts: CheckCounts): boolean => counts.failed === 0 && counts.errored === 0

/** One problem for each rule that keeps the dataset from being published, and one warning for each that does not. */
export const checkProblems = (checks: readonly CheckResult[]): Problem[] =>
  checks
    .filter(check => check.state !== 'passed')
    .map(check => {
      const { file, line, column, endLine, endColumn } = check
      return problem(
        pipelineProblems,
        'run.checks-failed',
        `${check.dataset}: ${check.check}${check.state === 'error' ? ' could not be evaluated' : ' failed'}`,
        {
          severity: check.severity === 'error' ? 'error' : 'warning',
          place: {
            file,
            line,
            column,
            ...(endLine === undefined ? {} : { endLine }),
            ...(endColumn === undefined ? {} : { endColumn }),
          },
          found: check.found,
          expected: check.expected,
          subject: check.property === undefined ? check.dataset : `${check.dataset}.${check.property}`,
        },
      )
    })
