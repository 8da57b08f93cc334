/** pipeline.yaml: when and how a product's datasets are made. */
import { z } from 'zod'
import { also, duration, missingKey, ownHeader, size, textThat, wrongValue } from '../domain/index.ts'

const timezones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])

const cron = textThat(z.string(), (text, report) => {
  if (/^\S+( +\S+){4}$/.test(text)) return
  const expected = 'minute, hour, day of the month, month and day of the week, as in "30 4 * * *"'
  report({ code: 'document.wrong-value', message: `"${text}" has not the five fields of cron`, found: text, expected })
})

const timezone = textThat(z.string(), (text, report) => {
  if (timezones.has(text)) return
  report({ ...wrongValue(text, [...timezones], 'time zone'), expected: 'a zone of the IANA list, as Europe/London' })
})

const schedule = also(
  z.strictObject({
    cron: cron.optional().describe('Five fields of cron.'),
    timezone: timezone.optional().describe('An IANA zone (UTC).'),
    after: z.array(z.string()).optional().describe('Input ports; the product is built after any of them was.'),
    all: z.boolean().optional().describe('After all of them (false).'),
    overlap: z.enum(['skip', 'queue']).optional().describe('What a tick does while a run is on (skip).'),
  }),
  ({ cron, after }, report) => {
    const oneOf = ['cron', 'after']
    if (cron === undefined && after === undefined)
      report({ ...missingKey('cron', 'a schedule without after'), expected: 'cron or after', oneOf })
    if (cron !== undefined && after !== undefined)
      report({
        path: ['after'],
        at: 'key',
        code: 'document.wrong-value',
        message: 'a schedule has either cron or after',
      })
  },
)

const partition = z.strictObject({
  column: z.string(),
  grain: z.enum(['hour', 'day', 'month', 'year', 'value']),
})

const rejectsAtMost = z.union([
  z.int().min(0),
  z.string().regex(/^\d+(\.\d+)?%$/, { error: 'it must be a percentage, as in "0.5%"' }),
])

const dataset = also(
  z.strictObject({
    materialization: z
      .enum(['full', 'partitioned', 'history', 'referenced'])
      .optional()
      .describe('How it is kept (full); referenced: not copied, but read where a source has its Parquet files.'),
    partition: partition.optional().describe('By what it is divided.'),
    inputs: z
      .record(z.string(), z.union([z.enum(['same', 'whole']), z.strictObject({ lookback: duration })]))
      .optional()
      .describe('What a partition reads of an input.'),
    closedAfter: duration
      .optional()
      .describe('Time after its end from which a partition takes no more rows: those that arrive later are rejects.'),
    rejects: z
      .strictObject({ atMost: rejectsAtMost.describe('Rows, or a share of them.') })
      .partial()
      .optional(),
  }),
  ({ materialization, ...keys }, report) => {
    const { partition } = keys
    if (materialization === 'partitioned' && partition === undefined)
      report(missingKey('partition', 'a dataset that is partitioned'))
    if (materialization !== 'referenced') return
    // Its files are what they are: there is nothing to divide, to close or to leave out.
    for (const key of ['partition', 'inputs', 'closedAfter', 'rejects'] as const) {
      if (keys[key] === undefined) continue
      const message = `a dataset that is referenced has no ${key}`
      report({ path: [key], at: 'key', code: 'document.wrong-value', message, found: key })
    }
  },
)

export const pipelineDocument = z.strictObject({
  ...ownHeader,
  kind: z.literal('Pipeline'),
  id: z.string().optional(),
  product: z.string().describe('Subject of the product.'),
  schedule: schedule.optional(),
  datasets: z.record(z.string(), dataset).optional(),
  limits: z
    .strictObject({
      memory: size.optional().describe('Of the engine, for a run.'),
      runTime: duration.optional(),
      retries: z.int().min(0).optional(),
    })
    .optional(),
})

export type PipelineDocument = z.output<typeof pipelineDocument>
