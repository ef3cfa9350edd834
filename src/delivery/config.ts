/** Options that every sink has, whatever its type. The root puts them beside each sink's own. */
import { z } from 'zod'
import { durationFrom, sizeFrom } from '../config/values.ts'

/** `z.strictObject({ ...httpSinkConfig.shape, ...deliveryShape({ concurrency: 4 }) })` is one whole sink. */
export function deliveryShape(defaults: { readonly concurrency: number }) {
  return {
    batch: z
      .strictObject({
        max_bytes: sizeFrom('1KiB', '256MiB')
          .prefault('1MiB')
          .describe('A batch is sent when its lines reach this size, before compression'),
        max_events: z
          .int()
          .min(1)
          .max(1_000_000)
          .default(10_000)
          .describe('A batch is sent when it holds this many events'),
        timeout: durationFrom('0ms', '1h')
          .prefault('50ms')
          .describe('A batch that is not full is sent this long after its first event'),
        linger: durationFrom('0ms', '1h')
          .prefault('5ms')
          .describe('The same while nothing is under way to this sink; at most `timeout`'),
      })
      .prefault({})
      .describe('How events are cut into batches'),
    concurrency: z
      .int()
      .min(1)
      .max(256)
      .default(defaults.concurrency)
      .describe('Batches under way at the same time; 1 keeps the order'),
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
