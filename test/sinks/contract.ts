/**
 * What every sink must show: success, a passing fault, a permanent one, a part taken, slowness, a connection cut,
 * a stop in the middle of a batch. Each against a real destination; a fault that a destination cannot have is
 * named in `impossible`, and its test is shown as skipped.
 */
import { describe, expect, onTestFinished, test } from 'vitest'
import type { DeliveryBatch, Outcome, Sink } from '../../src/sinks/sink.ts'
import { batchOfMany, linesOf } from './batches.ts'

export type Fault = 'passing' | 'permanent' | 'partial' | 'slow' | 'reset' | 'stuck'

interface Destination {
  readonly sink: Sink
  /** Makes the destination behave so until `heal`; `slow` heals by itself within a second. */
  readonly become: (fault: Fault) => Promise<void>
  readonly heal: () => Promise<void>
  /** The lines it holds, duplicates included. */
  readonly received: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export interface Contract {
  readonly open: () => Promise<Destination>
  readonly impossible?: readonly Fault[]
  /** What a cut connection means here. @default later */
  readonly reset?: Outcome['kind']
}

const never = new AbortController().signal

export function sinkContract(type: string, { open, impossible = [], reset = 'later' }: Contract): void {
  const start = async (): Promise<Destination> => {
    const destination = await open()
    onTestFinished(async () => {
      await destination.sink.stop()
      await destination.close()
    })
    await destination.sink.start()
    return destination
  }
  const arrivesAfterHealing = async ({ sink, heal, received }: Destination, batch: DeliveryBatch) => {
    await heal()
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    await expect.poll(received).toEqual(expect.arrayContaining(linesOf(batch)))
    // A fault may have left more than one copy, but never half an event.
    const known = new Set(linesOf(batch))
    expect((await received()).filter((line) => !known.has(line))).toEqual([])
  }
  /** Registers a test of a fault, unless this kind of destination cannot have it. */
  const can = (fault: Fault) => (impossible.includes(fault) ? () => undefined : test)

  describe(`${type}: the sinks' contract`, () => {
    test('says what it is', async () => {
      const { sink } = await start()
      expect(sink.type).toBe(type)
      expect(sink.target).not.toBe('')
    })

    test('success: batches arrive whole, in the order of their calls', async () => {
      const { sink, received } = await start()
      const batches = [
        batchOfMany(3),
        batchOfMany(500, { firstSeq: 3, extra: 300 }),
        batchOfMany(1, { firstSeq: 503 }),
      ]
      for (const batch of batches)
        expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
      await expect.poll(received).toEqual(batches.flatMap(linesOf))
    })

    can('passing')('a passing fault is `later`, and the batch arrives when it has passed', async () => {
      const destination = await start()
      await destination.become('passing')
      const batch = batchOfMany(10)
      const outcome = await destination.sink.deliver(batch, never)
      expect(outcome).toMatchObject({ kind: 'later', reason: expect.stringMatching(/./) })
      await arrivesAfterHealing(destination, batch)
    })

    can('permanent')('a permanent fault is `held` with its reason, and not for ever', async () => {
      const destination = await start()
      await destination.become('permanent')
      const batch = batchOfMany(10)
      const outcome = await destination.sink.deliver(batch, never)
      expect(outcome).toMatchObject({ kind: 'held', reason: expect.stringMatching(/./) })
      await arrivesAfterHealing(destination, batch)
    })

    can('partial')('a batch of which a part was taken comes again whole', async () => {
      const destination = await start()
      await destination.become('partial')
      const batch = batchOfMany(2000, { extra: 500 })
      expect((await destination.sink.deliver(batch, never)).kind).not.toBe('refused')
      await arrivesAfterHealing(destination, batch)
    })

    can('slow')('a slow destination is waited for', async () => {
      const destination = await start()
      await destination.become('slow')
      const batch = batchOfMany(2000, { extra: 500 })
      expect(await destination.sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
      await expect.poll(destination.received).toEqual(linesOf(batch))
    })

    can('reset')('a connection cut is no refusal', async () => {
      const destination = await start()
      const batch = batchOfMany(10)
      await destination.become('reset')
      expect((await destination.sink.deliver(batch, never)).kind).toBe(reset)
      if (reset !== 'held') await arrivesAfterHealing(destination, batch)
    })

    can('stuck')('a stop in the middle of a batch ends it at once, and never as accepted', async () => {
      const destination = await start()
      await destination.become('stuck')
      const stop = new AbortController()
      const delivered = destination.sink.deliver(batchOfMany(2000, { extra: 500 }), stop.signal)
      // The destination has the batch's beginning, or would have it, by the next turns of the loop.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      const begun = performance.now()
      stop.abort(new Error('the agent stops'))
      expect((await delivered).kind).toBe('later')
      expect(performance.now() - begun).toBeLessThan(1000)
      await destination.heal()
    })

    test('a batch that comes after the stop is not taken for delivered', async () => {
      const { sink, received } = await start()
      const stop = new AbortController()
      stop.abort(new Error('the agent stops'))
      expect((await sink.deliver(batchOfMany(1), stop.signal)).kind).toBe('later')
      expect(await received()).toEqual([])
    })
  })
}
