/** Configuration of the `file` receiver. */
import { z } from 'zod'
import { receiverOnMissing } from '../../attribution/config.ts'
import { enrichConfig } from '../../attribution/enrich/config.ts'
import { redactConfig } from '../../attribution/redact/config.ts'
import { duration, durationFrom, sizeFrom } from '../../config/values.ts'
import { framingConfig } from './framing/config.ts'

export const fileReceiverConfig = z.strictObject({
  type: z.literal('file'),
  include: z
    .array(z.string().min(1))
    .min(1)
    .describe('Glob patterns of the files to follow; relative ones start at the working directory.'),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Glob patterns of files to leave out. One without a slash is held against the file name alone.',
    ),
  start_at: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe('Where to begin in files that are there when this receiver runs for the first time.'),
  preset: z
    .string()
    .min(1)
    .optional()
    .describe(
      'How records become events: the name of a preset, or `auto` for what the first lines of each file are recognised as. Default `json`, unless `mapping` is given.',
    ),
  // The mapping language belongs to normalise/, which a receiver does not know: the composition root refines this.
  mapping: z
    .unknown()
    .optional()
    .describe('A mapping of your own, in the language that presets are written in.'),
  select: z.string().min(1).optional().describe('CEL over `record`: other lines are counted and skipped.'),
  zone: z.string().min(1).optional().describe('IANA time zone for times without an offset.'),
  on_missing: receiverOnMissing,
  enrich: enrichConfig
    .default([])
    .describe('Who else knows something about its events: in order, before those of `attribution`'),
  raw: z
    .enum(['none', 'hash', 'full'])
    .default('none')
    .describe('What to keep of the raw line beside the event.'),
  redact: redactConfig.describe('Rules for this receiver alone, behind those of `redact`.'),
  ...framingConfig,
  max_record: sizeFrom('64B', '256MiB')
    .prefault('16MiB')
    .describe('Longest line that is read as a record; a longer one becomes one marked event with its hash.'),
  delete_after: z
    .enum(['never', 'delivered'])
    .default('never')
    .describe(
      'Whether a file is deleted once it is read to its end, has not grown for `delete_grace`, and every sink that its events go to has settled them. For files whose writers are done with them.',
    ),
  delete_grace: durationFrom('0s', '365d')
    .prefault('5m')
    .describe('How long a file must not have grown before `delete_after` deletes it.'),
  watch: z
    .enum(['notify', 'poll'])
    .default('notify')
    .describe(
      'How changes are noticed: `notify` by the file system and by looking as well, `poll` by looking alone, for network mounts.',
    ),
  poll: durationFrom('10ms', '1h')
    .prefault('250ms')
    .describe('How often a quiet file is looked at, beside the notifications of the file system.'),
  ignore_older: duration()
    .optional()
    .describe(
      'Files that were last written to longer ago than this when they are first seen are not read until they change.',
    ),
  max_open_files: z
    .int()
    .min(1)
    .default(4096)
    .describe(
      'Files that are open at once, at most; never more than three quarters of what the system allows the process. Over it, files take turns.',
    ),
})

export type FileReceiverConfig = z.output<typeof fileReceiverConfig>
