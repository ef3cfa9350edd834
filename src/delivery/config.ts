/** Options that every sink has, whatever its type. The root puts them beside each sink's own. */
import { z } from 'zod'
import { durationFrom, sizeFrom } from '../config/values.ts'

const limit = () => z.int().min(1).max(256)

/** What differs between types of sinks. */
export interface DeliveryDefaults {
  readonly concurrency: number
  readonly batch?: {
    readonly max_bytes?: string
    readonly max_events?: number
    readonly timeout?: string
    readonly linger?: string
  }
}

/** `z.strictObject({ ...httpSinkConfig.shape, ...deliveryShape({ concurrency: 4 }) })` is one whole sink. */
export function deliveryShape(defaults: DeliveryDefaults) {
  const { batch = {} } = defaults
  return {
    batch: z
      .strictObject({
        max_bytes: sizeFrom('1KiB', '256MiB')
          .prefault(batch.max_bytes ?? '1MiB')
          .describe('A batch is sent when its lines reach this size, before compression'),
        max_events: z
          .int()
          .min(1)
          .max(1_000_000)
          .default(batch.max_events ?? 10_000)
          .describe('A batch is sent when it holds this many events'),
        timeout: durationFrom('0ms', '1h')
          .prefault(batch.timeout ?? '50ms')
          .describe('A batch that is not full is sent this long after its first event'),
        linger: durationFrom('0ms', '1h')
          .prefault(batch.linger ?? '5ms')
          .describe('The same while nothing is under way to this sink; at most `timeout`'),
      })
      .prefault({})
      .describe('How events are cut into batches'),
    concurrency: z
      .union(
        [
          limit().transform((max) => ({ min: 1, max })),
          z
            .strictObject({
              min: limit().default(1).describe('Never fewer, however slow the destination is'),
              max: limit().default(defaults.concurrency).describe('Never more'),
            })
            .refine(({ min, max }) => min <= max, 'min is above max'),
        ],
        'a number from 1 to 256, or { min: …, max: … }',
      )
      .prefault(defaults.concurrency)
      .describe(
        'Batches under way at the same time, at most; between `min` and `max` the sink finds out what the destination bears. 1 keeps the order',
      ),
    retry: z
      .strictObject({
        initial: durationFrom('1ms', '1d')
          .prefault('500ms')
          .describe('The first wait is a random part of this; each further one doubles'),
        max: durationFrom('1ms', '1d').prefault('30s').describe('Waits grow up to this; attempts never end'),
      })
      .prefault({})
      .describe('Waiting between attempts'),
    required: z
      .boolean()
      .default(true)
      .describe('false: this sink may lag without pinning the journal; what it misses is recorded'),
    start: z
      .enum(['earliest', 'head'])
      .default('earliest')
      .describe('Where a sink that is new to this data directory begins'),
  }
}

const deliveryConfig = z.object(deliveryShape({ concurrency: 1 }))

/** Durations in milliseconds, sizes in bytes. */
export type DeliveryConfig = z.output<typeof deliveryConfig>
