/** Destinations that say more than yes or no: so many taken, this one bad, that partition not at all. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Plans } from '../../src/delivery/consignment.ts'
import { type DeliveryBatch, type Outcome, Unroutable } from '../../src/sinks/sink.ts'
import { event } from './memory-journal.ts'
import { accepted, range, setUp } from './scripted-sink.ts'

async function lettersIn(directory: string): Promise<{ seq: number; reason: string; partition?: string }[]> {
  const names = await readdir(directory).catch(() => [])
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  return texts
    .flatMap((text) => text.split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as { seq: number; reason: string })
    .sort((a, b) => a.seq - b.seq)
}

test('what was taken before a fault does not come again', async () => {
  let faults = 0
  const { journal, clock, cursor, delivery, sink } = await setUp((batch) =>
    faults++ < 3 && batch.count > 7 ? { kind: 'later', reason: 'cut off', taken: 7 } : accepted,
  )
  journal.appendMany(100)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 100)
  expect(sink.accepted).toEqual(range(0, 100))
  expect(sink.attempts.map(({ first }) => first)).toEqual([0, 7, 14, 21])
  expect(delivery.status().deliveredEvents).toBe(100)
})

test('a batch that gets on between faults does not wait longer each time', async () => {
  const { journal, clock, cursor, delivery, sink } = await setUp((batch) =>
    batch.count > 1 ? { kind: 'later', reason: 'cut off', taken: 1 } : accepted,
  )
  journal.appendMany(100)
  await delivery.start()
  const begun = clock.now()
  await clock.runUntil(() => cursor.settled === 100)
  expect(sink.attempts).toHaveLength(100)
  // 99 first waits of at most half a second; they would have been 30 s each from the seventh on.
  expect(clock.now() - begun).toBeLessThan(60_000)
})

test('the event that the destination names is a dead letter; those before are not sent again, the rest is', async () => {
  const bad = [0, 40, 41, 99]
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp((batch): Outcome => {
    const taken = [...batch.seqs].findIndex((seq) => bad.includes(seq))
    return taken < 0 ? accepted : { kind: 'refused', which: 'single', taken, reason: `event ${taken} is bad` }
  })
  journal.appendMany(200)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 200)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 200).filter((seq) => !bad.includes(seq)))
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual(bad)
})

test('a destination that took some and does not say which is not sent them again', async () => {
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp((batch) =>
    batch.firstSeq === 100 ? { kind: 'refused', which: 'some', reason: '3 of 100 rejected' } : accepted,
  )
  journal.appendMany(900)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 900)
  expect(sink.attempts.filter(({ first }) => first >= 100 && first < 200)).toHaveLength(1)
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual(range(100, 200))
  // Next time fewer are at stake; those under way had been cut.
  const later = sink.attempts.filter(({ first }) => first >= 500)
  expect(Math.max(...later.map(({ first, last }) => last - first + 1))).toBeLessThanOrEqual(100 / 8 + 1)
})

test('too large for the destination: halved, and from then on cut as it bears', async () => {
  let refused = 0
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp((batch) => {
    if (batch.lines.length <= 2_000) return accepted
    refused++
    return { kind: 'refused', reason: 'HTTP 413', tooLarge: true }
  })
  journal.appendMany(5000)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 5000)
  expect(sink.accepted.toSorted((a, b) => a - b)).toEqual(range(0, 5000))
  expect(await lettersIn(dlq)).toEqual([])
  // Fifty batches as configured would have been halved seven times each. Twice as much is tried now and then.
  expect(refused).toBeLessThan(50)
})

test('one event that is too large alone is a dead letter, and others still travel together', async () => {
  const huge = `,"pad":"${'x'.repeat(5_000)}"`
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp((batch) =>
    batch.lines.length > 4_000 ? { kind: 'refused', reason: 'HTTP 413', tooLarge: true } : accepted,
  )
  journal.append(range(0, 400).map((n) => event(n, n === 77 ? huge : '')))
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 400)
  expect((await lettersIn(dlq)).map(({ seq }) => seq)).toEqual([77])
  expect(sink.accepted).toHaveLength(399)
  journal.appendMany(100)
  await clock.runUntil(() => cursor.settled === 500)
  expect(sink.attempts.filter(({ first }) => first >= 400).length).toBeLessThan(10)
})

test('an answer for the first so many: the rest goes at once, and each is on record', async () => {
  const taken: [number, number[]][] = []
  const plans: Plans = {
    found: [],
    add: async () => 7,
    taken: async (id, seqs) => void taken.push([id, [...seqs]]),
    done: async () => undefined,
  }
  const { journal, clock, cursor, delivery, sink } = await setUp(() => ({ kind: 'accepted', taken: 1 }), {
    plans,
  })
  journal.appendMany(3)
  await delivery.start()
  const before = clock.now()
  await clock.runUntil(() => cursor.settled === 3)
  expect(clock.now() - before).toBeLessThan(100)
  expect(sink.attempts.map(({ first }) => first)).toEqual([0, 1, 2])
  expect(taken).toEqual([0, 1, 2].map((seq) => [7, [seq]]))
})

const byTeam = (number: number) => event(number, `,"team":"${number % 10 === 3 ? 'wrong' : 'right'}"`)
const team = ({ event: { team: name } }: { event: Readonly<Record<string, unknown>> }) => String(name)

test('a partition that is not taken stops no other: dead letters, the alarm stays on until it is put right', async () => {
  let wrongIndex = true
  const { journal, clock, cursor, delivery, sink, dlq, notices } = await setUp(
    (batch): Outcome =>
      wrongIndex && batch.partition === 'wrong'
        ? { kind: 'held', partition: true, reason: 'incorrect index' }
        : accepted,
    { partition: team, config: { concurrency: 2 } },
  )
  for (let block = 0; block < 100; block++) journal.append(range(block * 100, block * 100 + 100).map(byTeam))
  await delivery.start()
  await clock.runUntil(() => sink.accepted.length === 9000)
  // The rest of the wrong ones needs others to pass, as proof that it is not the whole destination.
  for (let block = 100; cursor.settled < 10_000 && block < 200; block++) {
    journal.append(
      range(block * 100, block * 100 + 100)
        .map(byTeam)
        .filter((_, at) => at % 10 !== 3),
    )
    let over = false
    void clock.sleep(1_000).then(() => {
      over = true
    })
    await clock.runUntil(() => over)
  }
  // Dead letters are written to a real disk, which other time than the clock's may take.
  await clock.runUntil(() => cursor.settled >= 10_000)
  const letters = await lettersIn(dlq)
  expect(letters).toHaveLength(1000)
  expect(letters.every(({ seq, partition }) => seq % 10 === 3 && partition === 'wrong')).toBe(true)
  expect(delivery.status()).toMatchObject({ state: 'held', lastError: 'incorrect index' })
  expect(notices.filter(({ kind }) => kind === 'resumed')).toEqual([])

  wrongIndex = false
  const end = journal.durableSeq
  journal.append([event(3, ',"team":"wrong"')])
  await clock.runUntil(() => cursor.settled === end + 1)
  expect(delivery.status().state).toBe('ok')
  expect(notices.at(-1)).toMatchObject({ kind: 'resumed' })
})

test('when nothing else is taken either, it is the whole destination: held, and no dead letters', async () => {
  const { journal, clock, delivery, dlq } = await setUp(() => ({
    kind: 'held',
    partition: true,
    reason: 'incorrect index',
  }))
  journal.append(range(0, 500).map((n) => event(n)))
  await delivery.start()
  await clock.runUntil(() => clock.now() > 3_600_000)
  expect(await lettersIn(dlq)).toEqual([])
  expect(delivery.status()).toMatchObject({ state: 'held', settled: 0 })
})

test('an event that may not go where its route says is a dead letter, unsent', async () => {
  const { journal, clock, cursor, delivery, sink, dlq } = await setUp(() => accepted, {
    partition: (view) => (view.event.n === 5 ? new Unroutable('index "x" is not allowed') : ''),
  })
  journal.appendMany(10)
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 10)
  expect(sink.accepted).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9])
  expect(await lettersIn(dlq)).toMatchObject([{ seq: 5, reason: 'index "x" is not allowed', attempts: 0 }])
})

test('a batch is sent only once its plan is durable; a disk that takes no plan is waited for', async () => {
  const steps: string[] = []
  let full = true
  const plans: Plans = {
    found: [],
    async add({ firstSeq }: DeliveryBatch) {
      steps.push(`plan ${firstSeq}`)
      if (full) throw new Error('ENOSPC: no space left on device')
      return firstSeq
    },
    async taken(id, seqs) {
      steps.push(`taken ${id} ${seqs.length}`)
    },
    async done(id) {
      steps.push(`done ${id}`)
    },
  }
  const { journal, clock, cursor, delivery } = await setUp(
    ({ firstSeq }) => {
      steps.push(`send ${firstSeq}`)
      return accepted
    },
    { plans, config: { concurrency: 1 } },
  )
  journal.appendMany(100)
  await delivery.start()
  await clock.runUntil(() => steps.length > 2)
  expect(delivery.status()).toMatchObject({ state: 'retrying', lastError: expect.stringContaining('ENOSPC') })
  full = false
  await clock.runUntil(() => cursor.settled === 100)
  expect(steps.slice(-3)).toEqual(['plan 0', 'send 0', 'done 0'])
  expect(new Set(steps.slice(0, -3))).toEqual(new Set(['plan 0']))
  expect(delivery.status().state).toBe('ok')
})
