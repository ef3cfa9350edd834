/** A partition that the destination does not take, without its saying that it is only this one: a tenant's URL, a header. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Partitions } from '../../src/delivery/partitions.ts'
import type { DeliveryBatch, Outcome } from '../../src/sinks/sink.ts'
import { accepted, range, type Setup, setUp } from './scripted-sink.ts'

async function lettersIn(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(() => [])
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  return texts
    .flatMap((text) => text.split('\n').filter(Boolean))
    .map((line) => (JSON.parse(line) as { seq: number }).seq)
    .sort((a, b) => a - b)
}

/** In steps, so that files have their time as well. */
async function pass({ clock }: Setup, seconds: number, until: () => boolean): Promise<void> {
  const step = seconds > 600 ? 5 : 0.5
  for (let passed = 0; passed < seconds && !until(); passed += step) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    let over = false
    void clock.sleep(step * 1000).then(() => {
      over = true
    })
    await clock.runUntil(() => over)
  }
}

const odd = {
  partition: ({ event: { n } }: { event: Readonly<Record<string, unknown>> }) => String(Number(n) % 2),
}

test.each<[string, Outcome]>([
  ['refused', { kind: 'refused', reason: 'HTTP 400' }],
  ['held', { kind: 'held', reason: 'HTTP 404' }],
])('one partition of which all is %s does not stop the others', async (_, answer) => {
  const setup = await setUp((batch) => (batch.partition === '1' ? answer : accepted), odd)
  const { journal, delivery, sink, cursor, dlq } = setup
  journal.appendMany(4000)
  await delivery.start()
  await pass(setup, 600, () => cursor.settled === 4000)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 4000).filter((seq) => seq % 2 === 0))
  expect(await lettersIn(dlq)).toEqual(range(0, 4000).filter((seq) => seq % 2 === 1))
  expect(delivery.status()).toMatchObject({
    state: 'held',
    lastError: answer.kind === 'held' ? 'HTTP 404' : 'HTTP 400',
  })
  sink.become(() => accepted)
  journal.appendMany(10)
  await pass(setup, 60, () => cursor.settled === 4010)
  expect(delivery.status().state).toBe('ok')
})

test.each<[string, Outcome]>([
  ['refuses', { kind: 'refused', reason: 'HTTP 400' }],
  ['holds', { kind: 'held', reason: 'HTTP 401' }],
  ['says of each partition that it is wrong', { kind: 'held', reason: 'incorrect index', partition: true }],
])(
  'a destination that %s everything from some moment on empties no backlog into dead letters',
  async (_, answer) => {
    let left = 300
    const setup = await setUp((): Outcome => (left-- > 0 ? accepted : answer), odd)
    const { journal, delivery, cursor, dlq, sink } = setup
    journal.appendMany(60_000)
    await delivery.start()
    await pass(setup, 1800, () => false)
    expect(await lettersIn(dlq)).toEqual([])
    expect(delivery.status().state).toBe('held')
    sink.become(() => accepted)
    await pass(setup, 120, () => cursor.settled === 60_000)
    expect(new Set(sink.accepted).size).toBe(60_000)
  },
)

test('one bad event of a partition is no fault of the partition', async () => {
  const setup = await setUp(
    (batch: DeliveryBatch): Outcome =>
      batch.seqs.includes(101) ? { kind: 'held', reason: 'HTTP 403: blocked' } : accepted,
    odd,
  )
  const { journal, delivery, cursor, dlq, sink } = setup
  journal.appendMany(1000)
  await delivery.start()
  await pass(setup, 300, () => {
    if (cursor.settled < 1000) journal.appendMany(1)
    return cursor.settled >= 1000
  })
  expect(await lettersIn(dlq)).toEqual([101])
  expect(sink.accepted.filter((seq) => seq < 1000)).toHaveLength(999)
})

test('a strike needs another partition to pass between two failures, begun after the first, answered before the second', () => {
  const partitions = new Partitions()
  const alone = () => partitions.isAlone('a', 100, { stuck: false, named: true })
  partitions.failed('a', 0, 10)
  // On its way before: it says nothing.
  partitions.accepted('b', 5, 12)
  partitions.failed('a', 13, 14)
  expect(alone()).toBe(false)
  partitions.accepted('b', 15, 20)
  // Sent before the proof was there.
  partitions.failed('a', 18, 25)
  expect(alone()).toBe(false)
  partitions.failed('a', 26, 30)
  expect(alone()).toBe(true)
  expect(partitions.isAlone('a', 100, { stuck: false, named: false })).toBe(false)
  partitions.accepted('a', 31, 32)
  expect(alone()).toBe(false)
})

test('with one slot, in order: held lets nothing pass, and all arrives in its order', async () => {
  const setup = await setUp(() => ({ kind: 'held', reason: 'HTTP 401' }), { config: { concurrency: 1 } })
  const { journal, delivery, cursor, sink } = setup
  journal.appendMany(1000)
  await delivery.start()
  await pass(setup, 3600, () => false)
  expect(Math.max(...sink.attempts.map(({ last }) => last))).toBeLessThan(100)
  sink.become(() => accepted)
  await pass(setup, 60, () => cursor.settled === 1000)
  expect(sink.accepted).toEqual(range(0, 1000))
})

test('with one slot, refused altogether for an hour: in order afterwards', async () => {
  const setup = await setUp(() => ({ kind: 'refused', reason: 'HTTP 400' }), { config: { concurrency: 1 } })
  const { journal, delivery, cursor, sink, dlq } = setup
  journal.appendMany(1000)
  await delivery.start()
  await pass(setup, 3600, () => false)
  sink.become(() => accepted)
  await pass(setup, 60, () => cursor.settled === 1000)
  expect(sink.accepted).toEqual(range(0, 1000))
  expect(await lettersIn(dlq)).toEqual([])
})
