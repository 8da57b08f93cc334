/** The operation data.diff. */
import { z } from 'zod'
import { type OperationContext, operation } from '../../base/index.ts'
import { type DiffParts, diffData } from './data-diff.ts'
import type { DataDiff } from './result.ts'

export const diffDataOperation = operation({
  name: 'data.diff',
  effect: 'read',
  permission: 'data.read',
  summary:
    'Builds a product from the files as they are and tells how its rows differ from what is served. Publishes nothing.',
  isLong: true,
  input: z.object({
    subject: z.string(),
    sample: z
      .union([
        z.strictObject({ share: z.number().gt(0).max(1) }),
        z.strictObject({ rows: z.number().int().positive() }),
      ])
      .optional(),
    timeMs: z
      .number()
      .int()
      .positive()
      .max(2 ** 31 - 1)
      .optional(),
  }),
  run: (context: OperationContext<DiffParts>, input): Promise<DataDiff> => diffData(context, input),
})
