/** What becomes of the records of a receiver whose clients wait for the answer. */
import { z } from 'zod'
import { answeringOnMissing } from '../../attribution/config.ts'
import { enrichConfig } from '../../attribution/enrich/config.ts'
import { redactConfig } from '../../attribution/redact/config.ts'
import { sizeFrom } from '../../config/values.ts'

export const recordConfig = (preset: string) => ({
  preset: z
    .string()
    .default(preset)
    .describe(
      'Preset that maps records to the event schema; `auto` for the one that knows what a record carries',
    ),
  mapping: z.unknown().optional().describe('A mapping in place of the preset'),
  select: z.string().optional().describe('CEL on the decoded record: others are counted and skipped'),
  zone: z
    .string()
    .min(1)
    .optional()
    .describe('IANA time zone for times without an offset, where a mapping reads some'),
  on_missing: answeringOnMissing,
  enrich: enrichConfig
    .default([])
    .describe('Who else knows something about its events: in order, before those of `attribution`'),
  raw: z
    .enum(['none', 'hash', 'full'])
    .default('none')
    .describe('What is kept of a record as it came, where it was understood'),
  redact: redactConfig.describe('Rules for this receiver alone, behind those of `redact`'),
})

/** Of receivers whose records are texts of any length. */
export const textRecordConfig = (preset: string) => ({
  max_record: sizeFrom('64B', '256MiB')
    .prefault('16MiB')
    .describe('Longest record that is read; a longer one becomes one marked event with its hash.'),
  ...recordConfig(preset),
})
