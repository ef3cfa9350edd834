import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { DeliveryBatch } from '../../../src/sinks/sink.ts'
import { compress } from '../../../src/sinks/transport/compress.ts'
import { SharedBodies } from '../../../src/sinks/transport/shared-bodies.ts'
import { batchOfMany } from '../batches.ts'

/** A sink that encodes, and counts how often it had to. */
function sharing(bodies: SharedBodies, way: string) {
  const share = bodies.join(way)
  const sink = {
    encoded: 0,
    body: (batch: DeliveryBatch) =>
      share(batch, () => {
        sink.encoded++
        return compress(batch.lines, 'gzip', 1)
      }),
  }
  return sink
}

test('what several sinks send alike is encoded once, and each gets all of it', async () => {
  const bodies = new SharedBodies()
  const sinks = ['gzip 1', 'gzip 1', 'gzip 1'].map((way) => sharing(bodies, way))
  for (let firstSeq = 0; firstSeq < 100; firstSeq += 10) {
    // Each cuts its own batches; what counts is which events are in them.
    const batches = sinks.map(() => batchOfMany(10, { firstSeq }))
    const sent = await Promise.all(sinks.map((sink, index) => sink.body(batches[index]!)))
    for (const [index, body] of sent.entries()) expect(gunzipSync(body)).toEqual(batches[index]!.lines)
  }
  expect(sinks.map(({ encoded }) => encoded)).toEqual([10, 0, 0])
})

test('other events, another way or another partition: encoded by each for itself', async () => {
  const bodies = new SharedBodies()
  const [one, two, three] = ['gzip 1', 'gzip 1', 'gzip 6'].map((way) => sharing(bodies, way))
  const batch = batchOfMany(10)
  const body = await one!.body(batch)
  expect(await three!.body(batch)).not.toBe(body)
  expect(await two!.body(batchOfMany(9))).not.toBe(body)
  expect(await two!.body({ ...batch, partition: 'other' })).not.toBe(body)
  // A key may be the same by chance; the events say whether it is.
  const seqs = batch.seqs.map((seq) => (seq === 5 ? 55 : seq))
  expect(await two!.body({ ...batch, seqs })).not.toBe(body)
  expect([one!.encoded, two!.encoded, three!.encoded]).toEqual([1, 3, 1])
})

test('keeps no more bytes than it may, for a sink that does not come', async () => {
  const alone = (await compress(batchOfMany(10).lines, 'gzip', 1)).length
  const bodies = new SharedBodies(alone * 3.5)
  const fast = sharing(bodies, 'gzip 1')
  const slow = sharing(bodies, 'gzip 1')
  for (let firstSeq = 100; firstSeq < 200; firstSeq += 10) await fast.body(batchOfMany(10, { firstSeq }))
  for (let firstSeq = 190; firstSeq >= 100; firstSeq -= 10) await slow.body(batchOfMany(10, { firstSeq }))
  expect(slow.encoded).toBeGreaterThanOrEqual(6)
  expect(slow.encoded).toBeLessThanOrEqual(8)
})

test('what one failed to encode, another tries again', async () => {
  const bodies = new SharedBodies()
  const one = bodies.join('gzip 1')
  const two = bodies.join('gzip 1')
  const batch = batchOfMany(3)
  await expect(one(batch, () => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory')
  const body = await two(batch, () => compress(batch.lines, 'gzip', 1))
  expect(gunzipSync(body)).toEqual(batch.lines)
})
