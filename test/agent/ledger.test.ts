// The books against a naive model that remembers every event, under random orders of commits and deliveries.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ledger } from '../../src/agent/ledger.ts'
import { StreamMarks } from '../../src/agent/ledger-marks.ts'
import type { EncodedBatch } from '../../src/event/batch.ts'
import type { RouteSpec } from '../../src/routing/route.ts'

const sinks = ['one', 'two', 'three']
/** Bit 0 goes to one and two, bit 1 to two, bit 2 to three; bit 3 nowhere. */
const routes: readonly RouteSpec[] = [
  { name: 'a', to: ['one', 'two'], continue: true },
  { name: 'b', to: ['two'], continue: true },
  { name: 'c', to: ['three'], continue: true },
  { name: 'd', drop: 'noise', to: [], continue: true },
]
const goesTo = (bits: number) => [(bits & 1) > 0, (bits & 3) > 0, (bits & 4) > 0]

const batchOf = (bits: readonly number[], words = 1): EncodedBatch => {
  const flags = new Uint32Array(bits.length * words)
  for (const [index, each] of bits.entries()) flags[index * words] = each
  return {
    count: bits.length,
    payload: new Uint8Array(0),
    lengths: new Uint32Array(bits.length),
    raw: new Uint8Array(0),
    rawLengths: new Uint32Array(bits.length),
    routes: flags,
    routeWords: words,
    observedMin: 0,
    observedMax: 0,
  }
}

/** A batch of records: some skipped and dropped beside its events. */
const recordsOf = (bits: readonly number[], skipped: number, dropped: number) => ({
  ...batchOf(bits),
  records: bits.length + skipped + dropped,
  skipped,
  unparsed: 0,
  incomplete: 0,
  dropped: [0, dropped],
})

interface ModelEvent {
  readonly seq: number
  readonly stream: number
  readonly bits: number
  /** Of the block. */
  readonly offset: number
  readonly blockEnd: number
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      stream: fc.nat(3),
      bits: fc.array(fc.nat(15), { maxLength: 6 }),
      bytes: fc.integer({ min: 1, max: 50 }),
      skipped: fc.nat(2),
      dropped: fc.nat(2),
      own: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      sink: fc.nat(2),
      blocks: fc.nat(4),
      /** Which of the events taken are refused: every so manieth. */
      refuse: fc.integer({ min: 2, max: 9 }),
    }),
  },
)

test('the books balance to the event at any moment, whatever comes in which order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 5 }), (steps, start) => {
      const ledger = new Ledger({ routes, sinks })
      ledger.open(start, [])
      const accounts = sinks.map((sink) => ledger.account(sink, start))
      const events: ModelEvent[] = []
      const blocks: { firstSeq: number; count: number; stream: string; events: ModelEvent[] }[] = []
      const offsets = [0, 0, 0, 0]
      const records = [0, 0, 0, 0].map(() => ({ records: 0, skipped: 0, dropped: 0, events: 0 }))
      const last = sinks.map(() => [0, 0, 0, 0])
      const next = sinks.map(() => 0)
      const settledTo = sinks.map(() => start)
      const fate = sinks.map(() => ({ accepted: 0, letters: 0 }))
      let seq = start

      for (const each of steps) {
        if (each.kind === 'commit') {
          const { stream, bits, skipped, dropped } = each
          offsets[stream]! += each.bytes
          const firstSeq = seq
          seq += bits.length
          const mine = bits.map((bit, index) => ({
            seq: firstSeq + index,
            stream,
            bits: bit,
            offset: offsets[stream]!,
            blockEnd: seq,
          }))
          events.push(...mine)
          if (bits.length > 0)
            blocks.push({ firstSeq, count: bits.length, stream: `s${stream}`, events: mine })
          const batch = each.own ? batchOf(bits) : recordsOf(bits, skipped, dropped)
          ledger.committed(
            batch,
            { stream: `s${stream}`, position: { offset: offsets[stream]!, ranges: [] } },
            firstSeq,
          )
          if (each.own) continue
          records[stream]!.records += bits.length + skipped + dropped
          records[stream]!.skipped += skipped
          records[stream]!.dropped += dropped
          records[stream]!.events += bits.length
          for (const bit of bits) {
            for (const [sink, goes] of goesTo(bit).entries()) if (goes) last[sink]![stream] = seq
          }
        } else {
          const { sink, refuse } = each
          for (let count = 0; count < each.blocks && next[sink]! < blocks.length; count++) {
            const block = blocks[next[sink]!++]!
            const taken = block.events.filter(({ bits }) => goesTo(bits)[sink])
            accounts[sink]!.taken(block, taken.length)
            const letters = taken.filter((event) => event.seq % refuse === 0)
            accounts[sink]!.accepted(taken.length - letters.length)
            if (letters.length > 0) accounts[sink]!.lettered(letters.map((letter) => letter.seq))
            fate[sink]!.accepted += taken.length - letters.length
            fate[sink]!.letters += letters.length
            settledTo[sink] = block.firstSeq + block.count
            accounts[sink]!.settled(settledTo[sink]!)
          }
        }
        for (const [sink, name] of sinks.entries()) {
          const routed = events.filter(({ bits }) => goesTo(bits)[sink])
          expect(ledger.sink(name)).toEqual({
            routed: routed.length,
            accepted: fate[sink]!.accepted,
            deadLettered: fate[sink]!.letters,
            missed: 0,
            unsettled: routed.filter((event) => event.seq >= settledTo[sink]!).length,
            settledSeq: settledTo[sink]!,
          })
        }
      }

      for (const stream of [0, 1, 2, 3]) {
        const books = ledger.stream(`s${stream}`)
        if (offsets[stream] === 0) {
          expect(books).toBeUndefined()
          continue
        }
        expect(books).toMatchObject({ ...records[stream], committed: offsets[stream] })
        expect(ledger.delivered(`s${stream}`)).toBe(
          sinks.every((_, sink) => settledTo[sink]! >= last[sink]![stream]!),
        )
        for (const [sink, name] of sinks.entries()) {
          const settled = books!.sinks.get(name)!.settled!
          expect(settled).toBeLessThanOrEqual(offsets[stream]!)
          // Nothing below what counts as settled is not.
          const unsettled = events.filter(
            (event) =>
              event.stream === stream &&
              event.seq >= settledTo[sink]! &&
              event.blockEnd <= last[sink]![stream]!,
          )
          for (const event of unsettled)
            if (settled < offsets[stream]!) expect(event.offset).toBeGreaterThan(settled)
          if (settledTo[sink]! >= last[sink]![stream]!) expect(settled).toBe(offsets[stream])
          else expect(settled).toBeLessThan(offsets[stream]!)
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('what was in the journal before the start is routed as it is taken up; its position is unknown until all is settled', () => {
  const ledger = new Ledger({ routes, sinks: ['one'] })
  ledger.open(100, [
    { stream: 'old', descriptor: new Uint8Array(0), position: { offset: 5_000, ranges: [] } },
  ])
  const account = ledger.account('one', 40)
  expect(ledger.stream('old')?.sinks.get('one')?.settled).toBeNull()
  expect(ledger.delivered('old')).toBe(false)
  account.taken({ stream: 'old', firstSeq: 30, count: 70 }, 60)
  account.accepted(60)
  expect(ledger.sink('one')).toMatchObject({ routed: 60, accepted: 60, unsettled: 0 })
  account.settled(100)
  expect(ledger.stream('old')?.sinks.get('one')).toMatchObject({
    settled: 5_000,
    routed: 60,
    accepted: 60,
  })
  expect(ledger.delivered('old')).toBe(true)
})

test('events that left the journal before the sink had them are missed, and the books still balance', () => {
  const ledger = new Ledger({ routes, sinks: ['one'] })
  ledger.open(0, [])
  const account = ledger.account('one', 0)
  const update = { stream: 's', position: { offset: 10, ranges: [] } }
  ledger.committed(batchOf([1, 1, 1]), update, 0)
  ledger.committed(batchOf([1, 1]), update, 3)
  account.taken({ stream: 's', firstSeq: 3, count: 2 }, 2)
  account.accepted(2)
  expect(ledger.sink('one')).toMatchObject({ routed: 5, accepted: 2, missed: 3, unsettled: 0 })
})

test('a sink that is not written to holds up only the files whose events go there', () => {
  const ledger = new Ledger({ routes, sinks })
  ledger.open(0, [])
  const [one, two] = sinks.map((sink) => ledger.account(sink, 0))
  ledger.committed(recordsOf([4], 0, 0), { stream: 'c', position: { offset: 9, ranges: [] } }, 0)
  ledger.committed(recordsOf([1], 0, 0), { stream: 'a', position: { offset: 7, ranges: [] } }, 1)
  one?.settled(2)
  two?.settled(2)
  expect([ledger.delivered('a'), ledger.delivered('c')]).toEqual([true, false])
  expect(ledger.stream('a')?.sinks.get('three')?.settled).toBe(7)
  ledger.forget('a')
  expect(ledger.stream('a')).toBeUndefined()
  expect(ledger.delivered('a')).toBe(false)
})

test('a stream keeps few marks, however many batches it has, and what they say stays true', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 600 }), (sizes) => {
      const marks = new StreamMarks()
      const exact: [number, number][] = []
      let settled = 0
      for (const [index, size] of sizes.entries()) {
        const seq = (exact.at(-1)?.[0] ?? 0) + size
        exact.push([seq, seq * 10])
        marks.add(seq, seq * 10, () => settled)
        if (size === 9) settled = Math.floor(seq / 2)
        expect(marks.size).toBeLessThanOrEqual(StreamMarks.limit)
        expect([marks.end, marks.last]).toEqual([seq, seq * 10])
        const at = marks.at(seq - (index % 7))
        const most = exact.findLast(([mark]) => mark <= seq - (index % 7))?.[1] ?? 0
        expect(at ?? 0).toBeLessThanOrEqual(most)
      }
      // However coarse the middle became, the end is exact.
      expect(marks.at(Number.POSITIVE_INFINITY)).toBe(exact.at(-1)![1])
    }),
    { numRuns: 50 },
  )
})

test('a stream that is read from its start again begins new marks', () => {
  const marks = new StreamMarks()
  marks.add(10, 500, () => 0)
  marks.add(12, 0, () => 0)
  expect([marks.at(11), marks.at(12), marks.last]).toEqual([null, 0, 0])
})

test('route bits of several words are counted like one', () => {
  const many: RouteSpec[] = Array.from({ length: 40 }, (_, index) => ({
    name: `r${index}`,
    to: index === 0 || index === 39 ? ['one'] : [],
    continue: true,
  }))
  const ledger = new Ledger({ routes: many, sinks: ['one'] })
  ledger.open(0, [])
  ledger.account('one', 0)
  const batch = batchOf([0, 1, 1, 0], 2)
  batch.routes[1] = 1 << 7
  ledger.committed(batch, { stream: 's' }, 0)
  expect(ledger.sink('one')?.routed).toBe(3)
})
