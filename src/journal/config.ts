/** `journal:` in the configuration. */
import { z } from 'zod'
import { duration, durationFrom, parseSize, sizeFrom } from '../config/values.ts'
import { encryptionConfig } from './key-ring.ts'

/** Bytes, or a share of the volume that holds the data directory. */
export type SizeLimit = { readonly bytes: number } | { readonly share: number }

const limitPattern = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB|%)$/
const smallestLimit = 1024 ** 2

const limit = () =>
  z.string().regex(limitPattern, 'a size with its unit, as in 10GiB, or a share of the volume, as in 60%')

const sizeLimit = () =>
  limit()
    .refine((text) => {
      const parsed = parseLimit(text)
      return 'share' in parsed ? parsed.share > 0 && parsed.share <= 1 : parsed.bytes >= smallestLimit
    }, 'at least 1MiB, or more than 0% and at most 100%')
    .transform(parseLimit)

const freeLimit = () =>
  limit()
    .refine((text) => {
      const parsed = parseLimit(text)
      return !('share' in parsed) || parsed.share < 1
    }, 'a size, or less than 100% of the volume')
    .transform(parseLimit)

function parseLimit(text: string): SizeLimit {
  return text.endsWith('%') ? { share: Number(text.slice(0, -1)) / 100 } : { bytes: parseSize(text) ?? 0 }
}

export const journalConfig = z
  .strictObject({
    max_size: sizeLimit()
      .optional()
      .describe('Most bytes on disk, or a share of the volume. Default: the smaller of 10GiB and 60%'),
    min_free: freeLimit()
      .optional()
      .describe(
        'Least bytes, or share of the volume, that stay free for others: below that the journal is full. Default: none',
      ),
    max_age: duration()
      .refine((age) => age >= 1000, 'at least 1s')
      .optional()
      .describe(
        'Longest time that any event stays, settled or not. Needs allow_loss: true. Default: what a required sink has not settled stays',
      ),
    on_full: z
      .enum(['block', 'drop_oldest'])
      .default('block')
      .describe(
        'What happens at max_size, or below min_free, while a required sink still needs the oldest events',
      ),
    allow_loss: z.boolean().default(false).describe('Must be true for anything that may lose events'),
    commit: z
      .strictObject({
        max_delay: durationFrom('0ms', '1m')
          .default(5)
          .describe('Longest time an event waits for others to be committed with it'),
        max_bytes: sizeFrom('4KiB', '256MiB')
          .default(1024 ** 2)
          .describe('As soon as so much waits, it is committed'),
      })
      .prefault({})
      .describe('When events are synced to disk'),
    keep: duration()
      .default(24 * 3_600_000)
      .describe('How long settled events stay for replay, where max_size allows it'),
    segment_size: sizeFrom('64KiB', '1GiB')
      .default(64 * 1024 ** 2)
      .describe('Size of one journal file'),
    compression: z
      .enum(['none', 'zstd'])
      .default('none')
      .describe('zstd (level 1) takes a fraction of the space, and some processor time for each event'),
    encryption: encryptionConfig.optional(),
  })
  .superRefine((journal, context) => {
    if (journal.allow_loss) return
    const refuse = (path: string, message: string) =>
      context.addIssue({
        code: 'custom',
        path: [path],
        message: `${message}: say allow_loss: true beside it to accept that`,
      })
    if (journal.on_full === 'drop_oldest') {
      refuse('on_full', 'drop_oldest loses events when the journal is full')
    }
    if (journal.max_age !== undefined) {
      refuse('max_age', 'max_age loses events that a required sink has not settled by then')
    }
  })

export type JournalConfig = z.infer<typeof journalConfig>

const defaultLimit = 10 * 1024 ** 3
const defaultShare = 0.6

/** `min_free` in bytes on a volume of `volume` bytes; 0: none. */
export const resolveFloor = (limit: SizeLimit | undefined, volume: number): number =>
  limit === undefined ? 0 : resolveLimit(limit, volume)

/** `max_size` in bytes on a volume of `volume` bytes. */
export function resolveLimit(limit: SizeLimit | undefined, volume: number): number {
  if (limit === undefined) return Math.min(defaultLimit, Math.floor(volume * defaultShare))
  return 'share' in limit ? Math.floor(volume * limit.share) : limit.bytes
}
