// What a receiver handed in and got back must be read again before anything behind it is taken.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createIntake } from '../../src/agent/intake.ts'
import { createIntakeMeter } from '../../src/agent/intake-meter.ts'
import type { StreamUpdate } from '../../src/event/batch.ts'
import type { LineChunk } from '../../src/event/record.ts'
import type { Journal } from '../../src/journal/contract.ts'
import type { NormalisedBatch } from '../../src/normalise/contract.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { oneRoute } from './one-route.ts'

const signal = new AbortController().signal
const stream = { id: '0123456789abcdef0123456789abcdef', receiver: 'app' }
const chunk = (offset: number): LineChunk => ({ stream, bytes: new Uint8Array(10), offset, observed: 1 })

const batch: NormalisedBatch = {
  count: 1,
  payload: new Uint8Array(2),
  lengths: Uint32Array.of(1),
  raw: new Uint8Array(0),
  rawLengths: Uint32Array.of(0),
  routes: Uint32Array.of(1),
  routeWords: 1,
  observedMin: 1,
  observedMax: 1,
  records: 1,
  skipped: 0,
  unparsed: 0,
  incomplete: 0,
  rejected: [],
  dropped: [],
}

/** An intake over a journal that takes everything and notes the positions. */
function setUp(normalise: (offset: number) => Promise<NormalisedBatch>, records = batch) {
  const positions: (number | undefined)[] = []
  const updates: StreamUpdate[] = []
  const append = async (_: unknown, update: StreamUpdate) => {
    positions.push(update.position?.offset)
    updates.push(update)
    return { firstSeq: positions.length - 1, count: 1 }
  }
  const journal: Pick<Journal, 'append' | 'waitForRoom' | 'durableSeq' | 'pressure'> = {
    append,
    waitForRoom: async () => {},
    durableSeq: 0,
    pressure: null,
  }
  const routes = oneRoute()
  const own = () => routes.batch(() => batch)
  const intake = createIntake({
    journal,
    normaliser: { lines: ({ offset }) => normalise(offset), records: () => records },
    routes,
    ownEvents: { encode: own, streamNote: own, streamOpened: own },
    meter: createIntakeMeter('app', createMetrics(), { dropped: () => {} }),
  })
  const lines = (offset: number) => intake.lines(chunk(offset), { offset: offset + 10, ranges: [] }, signal)
  return { lines, positions, updates, intake }
}

test('a chunk read before its reader heard of a failure is not taken past it', async () => {
  let broken = true
  const { lines, positions } = setUp(async (offset) => {
    if (offset === 10 && broken) throw new Error('this one cannot be normalised')
    return batch
  })
  const [first, second, third] = [lines(0), lines(10), lines(20)]
  await expect(first).resolves.toMatchObject({ firstSeq: 0 })
  await expect(second).rejects.toThrow('cannot be normalised')
  // Already read when the failure came: without the guard its position would cover bytes 10 to 30.
  await expect(lines(30)).rejects.toThrow('bytes from 10 on')
  await expect(third).rejects.toThrow()
  expect(positions).toEqual([10])

  broken = false
  for (const offset of [10, 20, 30]) await lines(offset)
  expect(positions).toEqual([10, 20, 30, 40])
})

const taken = { stream, records: [{ value: {} }], index: 0, observed: 1 }

test('the hashes of events are those of their bytes, without the newline, where they are asked for', async () => {
  const payload = Buffer.from('{"a":1}\n{"b":22}\n')
  const two = { ...batch, count: 2, records: 2, payload, lengths: Uint32Array.of(7, 8) }
  const { intake } = setUp(async () => batch, two)
  const { hashes } = await intake.records(taken, { hashes: true })
  expect(hashes).toEqual([hash('sha256', '{"a":1}'), hash('sha256', '{"b":22}')])
  expect(await intake.records(taken)).not.toHaveProperty('hashes')
})

test('what a receiver must know of a stream is in the block of its records, and in one of its own where they made no event', async () => {
  const descriptor = Buffer.from('known')
  const some = setUp(async () => batch)
  await some.intake.records(taken, { descriptor })
  expect(some.updates).toEqual([{ stream: stream.id, descriptor }])
  const none = setUp(async () => batch, { ...batch, count: 0, lengths: new Uint32Array(0) })
  await none.intake.records(taken, { descriptor })
  expect(none.updates).toEqual([{ stream: stream.id, descriptor }])
  await none.intake.records(taken)
  expect(none.updates).toHaveLength(1)
})
