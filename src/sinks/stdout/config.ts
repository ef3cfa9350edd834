/** Options of the `stdout` sink. The root adds delivery's. */
import { z } from 'zod'
import { shapeConfig } from '../../shapes/config.ts'

export const stdoutSinkConfig = z.strictObject({
  type: z.literal('stdout').describe('Standard output'),
  format: z
    .enum(['ndjson', 'pretty'])
    .optional()
    .describe('ndjson: one event a line; pretty: for people. Default: pretty on a terminal, else ndjson'),
  shape: shapeConfig(),
})

export type StdoutSinkConfig = z.output<typeof stdoutSinkConfig>
