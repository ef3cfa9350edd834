/** Options of the `file` sink. The root adds delivery's. */
import { z } from 'zod'
import { size } from '../../config/values.ts'
import { shapeConfig } from '../../shapes/config.ts'

export const fileSinkConfig = z.strictObject({
  type: z.literal('file').describe('A file of events, one a line'),
  path: z.string().min(1).describe('The file; missing directories are made'),
  shape: shapeConfig(),
  rotate: z
    .strictObject({
      max_size: size()
        .prefault('100MiB')
        .describe('The file is renamed to `path.1` before it would grow over this'),
      every: z
        .enum(['1h', '1d'])
        .optional()
        .describe('It is also renamed before the first event of another hour or day (UTC) of sending'),
      keep: z.int().min(1).max(1000).default(10).describe('How many renamed files are kept'),
    })
    .optional()
    .describe('Rotation; without it the file grows on'),
  fsync: z
    .enum(['batch', 'never'])
    .default('batch')
    .describe('batch: a batch counts as delivered once it is on the disk; never: once the system has it'),
})

export type FileSinkConfig = z.output<typeof fileSinkConfig>
