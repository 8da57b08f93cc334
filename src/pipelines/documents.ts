/** pipeline.yaml: when and how a product's datasets are made. */
import { z } from 'zod'
import { duration, ownHeader, size } from '../domain/index.ts'

const timezones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])

const schedule = z
  .strictObject({
    cron: z
      .string()
      .regex(/^\S+( \S+){4,5}$/)
      .optional()
      .describe('Five fields of cron.'),
    timezone: z
      .string()
      .refine(zone => timezones.has(zone), { error: 'no time zone of the IANA list' })
      .optional()
      .describe('An IANA zone (UTC).'),
    after: z.array(z.string()).optional().describe('Input ports; the product is built after any of them was.'),
    all: z.boolean().optional().describe('After all of them (false).'),
    overlap: z.enum(['skip', 'queue']).optional().describe('What a tick does while a run is on (skip).'),
  })
  .refine(it => (it.cron === undefined) !== (it.after === undefined), {
    error: 'a schedule has either cron or after',
  })

const partition = z.strictObject({
  column: z.string(),
  grain: z.enum(['hour', 'day', 'month', 'year', 'value']),
})

export const pipelineDocument = z.strictObject({
  ...ownHeader,
  kind: z.literal('Pipeline'),
  id: z.string().optional(),
  product: z.string().describe('Subject of the product.'),
  schedule: schedule.optional(),
  datasets: z
    .record(
      z.string(),
      z.strictObject({
        materialization: z.enum(['full', 'partitioned', 'history']).optional().describe('How it is kept (full).'),
        partition: partition.optional(),
        inputs: z
          .record(z.string(), z.union([z.enum(['same', 'whole']), z.strictObject({ lookback: duration })]))
          .optional()
          .describe('What a partition reads of an input.'),
        closedAfter: duration.optional(),
        rejects: z.strictObject({ atMost: z.union([z.int().min(0), z.string().regex(/^\d+(\.\d+)?%$/)]) }).optional(),
      }),
    )
    .optional(),
  limits: z
    .strictObject({
      memory: size.optional().describe('Of the engine, for a run.'),
      runTime: duration.optional(),
      retries: z.int().min(0).optional(),
    })
    .optional(),
})

export type PipelineDocument = z.output<typeof pipelineDocument>
