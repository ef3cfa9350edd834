/** Acknowledgements that are late, lost, or said by the wrong one: nothing settles without `true` from who took it. */
import { expect, onTestFinished, test } from 'vitest'
import { batchOfMany, linesOf } from '../batches.ts'
import { HecServer } from './hec-server.ts'
import { hecSink } from './sink.ts'

const never = new AbortController().signal
const range = (count: number) => Array.from({ length: count }, (_, n) => n)

async function acknowledging(servers: number, ack = { interval: '10ms', timeout: '20s' }) {
  const hecs: HecServer[] = []
  for (let n = 0; n < servers; n++) hecs.push(await HecServer.open())
  for (const hec of hecs) hec.acknowledges = true
  const sink = hecSink({ url: hecs.map(({ url }) => url), acknowledge: true, ack })
  onTestFinished(async () => {
    await sink.stop()
    for (const hec of hecs) await hec[Symbol.asyncDispose]()
  })
  await sink.start()
  const send = (n: number) => sink.deliver(batchOfMany(1, { firstSeq: n }), never)
  return { hecs, hec: hecs[0]!, sink, send }
}

test('all that wait are asked about in one request', async () => {
  const { hec, send } = await acknowledging(1)
  hec.ackMood = 'late'
  const outcomes = range(20).map(send)
  await expect.poll(() => hec.acks.questions.at(-1)?.length).toBe(20)
  expect(hec.acks.questions.at(-1)!.toSorted((a, b) => a - b)).toEqual(range(20))
  hec.acks.acknowledge()
  for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe('accepted')
  // Splunk forgets an id once it has said `true`: who asked again would hear `false`.
  const before = hec.acks.questions.length
  hec.ackMood = 'prompt'
  expect((await send(20)).kind).toBe('accepted')
  expect(new Set(hec.acks.questions.slice(before).flat())).toEqual(new Set([20]))
})

test('each endpoint is asked about what it took itself', async () => {
  const { hecs, send } = await acknowledging(2)
  for (const hec of hecs) hec.ackMood = 'late'
  const outcomes = range(20).map(send)
  await expect.poll(() => hecs.map(({ lines }) => lines.length)).toEqual([10, 10])
  const settled: number[] = []
  for (const [n, outcome] of outcomes.entries()) void outcome.then(() => settled.push(n))
  hecs[0]!.acks.acknowledge()
  await expect.poll(() => settled.length).toBe(10)
  // What the second one holds is not acknowledged by the first, though both count from 0.
  const asked = hecs[1]!.acks.questions.length
  await expect.poll(() => hecs[1]!.acks.questions.length).toBeGreaterThan(asked + 2)
  expect(settled).toHaveLength(10)
  hecs[1]!.acks.acknowledge()
  for (const outcome of await Promise.all(outcomes)) expect(outcome.kind).toBe('accepted')
  expect(hecs.map(({ channels }) => channels.size)).toEqual([1, 1])
})

test('an endpoint that cannot say it for a while is asked again, and gets nothing twice', async () => {
  const { hec, send } = await acknowledging(1)
  hec.ackMood = 'late'
  const outcome = send(0)
  await expect.poll(() => hec.lines.length).toBe(1)
  for (const mood of ['busy', 'unreadable', 'cut', 'truthy'] as const) {
    hec.ackMood = mood
    const { length } = hec.acks.questions
    await expect.poll(() => hec.acks.questions.length).toBeGreaterThan(length + 1)
  }
  hec.ackMood = 'late'
  hec.acks.acknowledge()
  expect((await outcome).kind).toBe('accepted')
  expect(hec.requests).toBe(1)
})

test.each(['truthy', 'cut', 'busy'] as const)(
  'acknowledgements %s: sent again, on a channel of its own',
  async (mood) => {
    const { hec, sink } = await acknowledging(1, { interval: '10ms', timeout: '200ms' })
    hec.ackMood = mood
    const batch = batchOfMany(2)
    for (let n = 0; n < 3; n++) {
      expect(await sink.deliver(batch, never)).toEqual({
        kind: 'later',
        reason: expect.stringMatching(/^not acknowledged within 200 ms/),
      })
    }
    hec.ackMood = 'prompt'
    expect((await sink.deliver(batch, never)).kind).toBe('accepted')
    expect(hec.lines).toEqual(range(4).flatMap(() => linesOf(batch)))
    expect(hec.channels.size).toBe(4)
  },
)

test('an indexer that is started anew has forgotten its ids: what it had not acknowledged is sent again', async () => {
  const { hec, send } = await acknowledging(1, { interval: '10ms', timeout: '1s' })
  hec.ackMood = 'late'
  const outcome = send(0)
  await expect.poll(() => hec.acks.questions.length).toBeGreaterThan(0)
  const { port } = hec
  await hec[Symbol.asyncDispose]()
  await using again = await HecServer.open(port)
  again.acknowledges = true
  expect(await outcome).toMatchObject({ kind: 'later', reason: expect.stringContaining('not acknowledged') })
  expect((await send(0)).kind).toBe('accepted')
  expect(again.lines).toEqual(hec.lines)
  expect([...again.channels].at(-1)).not.toBe([...hec.channels][0])
})

test('a stop ends every wait at once, and none as accepted', async () => {
  const { hec, sink } = await acknowledging(1, { interval: '10ms', timeout: '1h' })
  hec.ackMood = 'never'
  const stop = new AbortController()
  const outcomes = range(5).map((n) => sink.deliver(batchOfMany(1, { firstSeq: n }), stop.signal))
  await expect.poll(() => hec.acks.questions.at(-1)?.length).toBe(5)
  stop.abort(new Error('the agent stops'))
  for (const outcome of await Promise.all(outcomes)) {
    expect(outcome).toEqual({ kind: 'later', reason: 'the agent stops' })
  }
  // Nobody waits, so nobody asks.
  await sink.stop()
  const { length } = hec.acks.questions
  await new Promise((resolve) => setImmediate(resolve))
  expect(hec.acks.questions).toHaveLength(length)
})

test('an indexer that was started anew counts from the beginning: its ids are not those that are waited for', async () => {
  const { hec, send } = await acknowledging(1)
  const { port } = hec
  const until = async (n: number) => {
    while ((await send(n)).kind !== 'accepted') expect(hec.lines.length).toBe(3)
  }
  hec.ackMood = 'never'
  const before = range(3).map(until)
  await expect.poll(() => hec.lines.length).toBe(3)
  await hec[Symbol.asyncDispose]()
  await using anew = await HecServer.open(port)
  anew.acknowledges = true
  await Promise.all([...before, ...range(3).map((n) => until(10 + n))])
  // What the first one took and never acknowledged is gone with it.
  const all = [0, 1, 2, 10, 11, 12].flatMap((n) => linesOf(batchOfMany(1, { firstSeq: n })))
  expect([...new Set(anew.lines)].toSorted()).toEqual(all.toSorted())
})
