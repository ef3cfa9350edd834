// Dead letters sent once more: what goes, what stays, and what a kill leaves.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type DeadLetters, openDeadLetters } from '../../src/delivery/dead-letters.ts'
import type { LetterTargets } from '../../src/delivery/letter-batches.ts'
import { lettersOf } from '../../src/delivery/letters-on-disk.ts'
import { purgeLetters, surveyLetters } from '../../src/delivery/purge-letters.ts'
import { LetterReplay } from '../../src/delivery/replay-letters.ts'
import { SentNotes } from '../../src/delivery/sent-letters.ts'
import { type DeliveryBatch, type Outcome, Unroutable } from '../../src/sinks/sink.ts'
import { event } from './memory-journal.ts'
import { accepted, range, setUp } from './scripted-sink.ts'
import { VirtualClock } from './virtual-clock.ts'

const never = new AbortController().signal

const line = (seq: number, origin = 'affiant/test/1') =>
  `{"action":"ü","id":"e-${seq}","n":1.50,"log":{"origin":"${origin}","seq":${seq},"size":30}}`

interface Store {
  readonly dataDir: string
  readonly directory: string
  readonly clock: VirtualClock
  readonly deadLetters: DeadLetters
  refuse(seqs: readonly number[], partition?: string, reason?: string): Promise<void>
  left(): Promise<{ seq: number; reason: string; attempts: number }[]>
}

async function store(options: { fileBytes?: number; maxBytes?: number } = {}): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'affiant-letters-'))
  const directory = join(dataDir, 'dlq', 'test')
  const clock = new VirtualClock()
  const deadLetters = await openDeadLetters({ directory, clock, ...options })
  onTestFinished(async () => {
    await deadLetters[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true })
  })
  return {
    dataDir,
    directory,
    clock,
    deadLetters,
    async refuse(seqs, partition = '', reason = 'HTTP 400') {
      const letters = seqs.map((seq) => ({
        sink: 'test',
        seq,
        attempts: 2,
        reason,
        partition,
        line: Buffer.from(line(seq)),
      }))
      clock.time++
      expect(await deadLetters.add(letters)).toBeNull()
    },
    async left() {
      const found = await Array.fromAsync(lettersOf(dataDir, 'test', (where) => expect.unreachable(where)))
      return found.map(({ seq, reason, attempts }) => ({ seq, reason, attempts }))
    },
  }
}

interface Attempt {
  readonly key: string
  readonly partition: string
  readonly seqs: readonly number[]
  readonly lines: string
}

function replaying(
  { deadLetters, clock }: Store,
  answer: (batch: DeliveryBatch) => Outcome | Promise<Outcome>,
  options: {
    from?: number
    to?: number
    events?: number
    targets?: LetterTargets
    partitioned?: boolean
  } = {},
) {
  const attempts: Attempt[] = []
  const took: Attempt[] = []
  const replay = new LetterReplay({
    sink: {
      name: 'test',
      type: 'scripted',
      target: 'test',
      ...(options.partitioned && { partition: () => '' }),
      start: async () => {},
      async deliver(batch) {
        const { key, partition, seqs, lines } = batch
        const attempt = { key, partition, seqs: [...seqs], lines: lines.toString() }
        attempts.push(attempt)
        const outcome = await answer(batch)
        if (outcome.kind === 'accepted') took.push(attempt)
        return outcome
      },
      stop: async () => {},
    },
    deadLetters,
    from: options.from ?? 0,
    to: options.to ?? Number.POSITIVE_INFINITY,
    targets: options.targets ?? (({ partition }) => [partition]),
    config: {
      batch: { max_bytes: 1024 ** 2, max_events: options.events ?? 4, timeout: 50, linger: 5 },
      concurrency: { min: 3, max: 3 },
      retry: { initial: 500, max: 30_000 },
    },
    clock,
    random: () => 0.5,
  })
  const run = async (signal: AbortSignal = never) => {
    let done = false
    const ended = replay.run(signal).finally(() => {
      done = true
    })
    ended.catch(() => {})
    await clock.runUntil(() => done)
    return await ended
  }
  return { replay, attempts, took, run }
}

const seqsOf = (attempts: readonly Attempt[]) =>
  attempts.flatMap(({ seqs }) => seqs).toSorted((a, b) => a - b)

test('byte for byte, in order of their seqs, under the partitions they had; then the store is empty', async () => {
  const letters = await store({ fileBytes: 1000 })
  await letters.refuse([3, 1, 2], '{"index":"a"}')
  await letters.refuse([4], '{"index":"b"}')
  await letters.refuse(range(10, 20), '{"index":"a"}')
  const { replay, attempts, run } = replaying(letters, () => accepted, { events: 3 })
  expect(await run()).toEqual({ kind: 'done' })
  expect(attempts[0]).toEqual({
    key: expect.stringMatching(/^affiant\/test\/1\/1-3\/[0-9a-f]{8}$/),
    partition: '{"index":"a"}',
    seqs: [1, 2, 3],
    lines: [1, 2, 3].map((seq) => `${line(seq)}\n`).join(''),
  })
  expect(seqsOf(attempts)).toEqual([1, 2, 3, 4, ...range(10, 20)])
  expect(replay.progress).toMatchObject({ accepted: 14, refused: 0 })
  expect(readdirSync(letters.directory)).toEqual([])
  expect(letters.deadLetters.bytes).toBe(0)
})

test('only some seqs; the others stay as they are, byte for byte, and so does what is no letter', async () => {
  const letters = await store()
  await letters.refuse(range(0, 10))
  const [name = ''] = readdirSync(letters.directory)
  const path = join(letters.directory, name)
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, `${[...lines.slice(0, 5), 'what is this', ...lines.slice(5)].join('\n')}`)
  const { attempts, run } = replaying(letters, () => accepted, { from: 3, to: 7 })
  expect(await run()).toEqual({ kind: 'done' })
  expect(seqsOf(attempts)).toEqual([3, 4, 5, 6, 7])
  const [after = '', ...more] = readdirSync(letters.directory)
  expect({ after, more }).toEqual({ after: name.replace('.ndjson', '.1.ndjson'), more: [] })
  expect(readFileSync(join(letters.directory, after), 'utf8')).toBe(
    `${[...lines.slice(0, 3), 'what is this', ...lines.slice(8)].join('\n')}`,
  )
})

test('what is refused again stays, with the new reason and all attempts; the rest of its batch goes', async () => {
  const letters = await store()
  await letters.refuse(range(0, 8))
  const answer = ({ seqs }: DeliveryBatch): Outcome =>
    seqs.includes(5) ? { kind: 'refused', reason: 'HTTP 422: no' } : accepted
  const { replay, took, run } = replaying(letters, answer)
  expect(await run()).toEqual({ kind: 'done' })
  expect(seqsOf(took)).toEqual([0, 1, 2, 3, 4, 6, 7])
  expect(replay.progress).toMatchObject({ accepted: 7, refused: 1 })
  expect(await letters.left()).toEqual([{ seq: 5, reason: 'HTTP 422: no', attempts: 7 }])
})

test('a destination that refuses everything is not asked about every letter; all stay', async () => {
  const letters = await store()
  await letters.refuse(range(0, 400))
  const { attempts, run } = replaying(letters, () => ({ kind: 'refused', reason: 'HTTP 400: schema' }), {
    events: 100,
  })
  expect(await run()).toEqual({ kind: 'given_up', reason: 'HTTP 400: schema' })
  expect(attempts.length).toBeLessThan(100)
  expect((await letters.left()).map(({ seq }) => seq)).toEqual(range(0, 400))
})

test('a partition that is still not taken stops no other, and is tried once', async () => {
  const letters = await store()
  await letters.refuse(range(0, 10), 'wrong')
  await letters.refuse(range(10, 20), 'right')
  const answer = ({ partition }: DeliveryBatch): Outcome =>
    partition === 'wrong' ? { kind: 'held', partition: true, reason: 'Incorrect index' } : accepted
  const { attempts, took, run } = replaying(letters, answer, { events: 3 })
  expect(await run()).toEqual({ kind: 'done' })
  expect(seqsOf(took)).toEqual(range(10, 20))
  expect(attempts.filter(({ partition }) => partition === 'wrong').length).toBeLessThanOrEqual(3)
  expect((await letters.left()).map(({ seq, reason }) => ({ seq, reason }))).toEqual(
    range(0, 10).map((seq) => ({ seq, reason: 'Incorrect index' })),
  )
})

test('a partition that is held without a word about it stops no other either', async () => {
  const letters = await store()
  await letters.refuse(range(0, 12), 'wrong')
  await letters.refuse(range(20, 40), 'right')
  const answer = ({ partition }: DeliveryBatch): Outcome =>
    partition === 'wrong' ? { kind: 'held', reason: 'HTTP 403' } : accepted
  const { took, run } = replaying(letters, answer, { partitioned: true })
  expect(await run()).toEqual({ kind: 'done' })
  expect(seqsOf(took)).toEqual(range(20, 40))
  expect((await letters.left()).map(({ seq }) => seq)).toEqual(range(0, 12))
})

test('held as a whole, or away: it waits and says why, until it is taken', async () => {
  const letters = await store()
  await letters.refuse([1, 2])
  let answer: Outcome = { kind: 'held', reason: 'HTTP 401' }
  const { replay, run } = replaying(letters, () => answer)
  const running = run()
  await expect.poll(() => replay.progress.waiting).toBe('HTTP 401')
  answer = { kind: 'later', reason: 'ECONNREFUSED' }
  await expect.poll(() => replay.progress.waiting).toBe('ECONNREFUSED')
  answer = accepted
  expect(await running).toEqual({ kind: 'done' })
  expect(replay.progress).toEqual({ accepted: 2, refused: 0, waiting: undefined })
})

test('ended halfway: what was accepted is out of the store, everything else is in it', async () => {
  const letters = await store()
  await letters.refuse(range(0, 100))
  const stop = new AbortController()
  const { attempts, took, run } = replaying(letters, async () => {
    if (attempts.length === 5) stop.abort()
    await letters.clock.sleep(5)
    return accepted
  })
  expect(await run(stop.signal)).toEqual({ kind: 'ended' })
  const sent = seqsOf(took)
  expect(sent.length).toBeGreaterThan(4)
  expect(sent.length).toBeLessThan(40)
  expect((await letters.left()).map(({ seq }) => seq)).toEqual(range(sent.length, 100))
})

test('letters that come meanwhile are kept', async () => {
  const letters = await store()
  await letters.refuse(range(0, 8))
  const { run } = replaying(letters, async ({ firstSeq }) => {
    await letters.refuse([1000 + firstSeq])
    return accepted
  })
  expect(await run()).toEqual({ kind: 'done' })
  expect((await letters.left()).map(({ seq }) => seq)).toEqual([1000, 1004])
})

test('an event that is there twice goes once; with two partitions, twice', async () => {
  const letters = await store({ fileBytes: 300 })
  await letters.refuse([1, 1, 2], 'a')
  await letters.refuse([2, 3], 'a')
  await letters.refuse([3], 'b')
  const { attempts, run } = replaying(letters, () => accepted)
  expect(await run()).toEqual({ kind: 'done' })
  expect(attempts.map(({ partition, seqs }) => [partition, seqs])).toEqual([
    ['a', [1, 2]],
    ['a', [3]],
    ['b', [3]],
  ])
  expect(readdirSync(letters.directory)).toEqual([])
})

test('what may not be sent stays with the reason; what goes to two places goes to both before its letter leaves', async () => {
  const letters = await store()
  await letters.refuse([1, 2, 3])
  const targets: LetterTargets = ({ seq }) =>
    seq === 1 ? [new Unroutable('not allowed')] : seq === 2 ? ['a', 'b'] : ['b']
  let b: Outcome = { kind: 'held', partition: true, reason: 'no b' }
  const first = replaying(letters, ({ partition }) => (partition === 'b' ? b : accepted), { targets })
  expect(await first.run()).toEqual({ kind: 'done' })
  expect(first.replay.progress).toMatchObject({ accepted: 0, refused: 3 })
  expect((await letters.left()).map(({ seq, reason }) => [seq, reason])).toEqual([
    [1, 'not allowed'],
    [2, 'no b'],
    [3, 'no b'],
  ])
  b = accepted
  const second = replaying(letters, ({ partition }) => (partition === 'b' ? b : accepted), { targets })
  await second.run()
  expect((await letters.left()).map(({ seq }) => seq)).toEqual([1])
})

test('after a kill the batches that were not noted come again, cut as before, and the noted ones do not', async () => {
  const letters = await store()
  await letters.refuse(range(0, 16))
  const [path = ''] = await letters.deadLetters.still()
  const whole = readFileSync(path)
  const first = replaying(letters, () => accepted)
  await first.run()
  // As a kill leaves it that came when the second and the fourth batch were noted, the next note being torn.
  writeFileSync(path, whole)
  {
    await using notes = new SentNotes(path)
    await notes.add([4, 5, 6, 7])
    await notes.add([12, 13, 14, 15])
  }
  const notes = path.replace('.ndjson', '.sent')
  writeFileSync(notes, `${readFileSync(notes, 'utf8')}\n01234567 {"first":0,"ru`)
  expect((await letters.left()).map(({ seq }) => seq)).toEqual([...range(0, 4), ...range(8, 12)])
  const second = replaying(letters, () => accepted)
  expect(await second.run()).toEqual({ kind: 'done' })
  const keys = first.attempts.map(({ key }) => key)
  expect(second.attempts.map(({ key }) => key)).toEqual([keys[0], keys[2]])
  expect(readdirSync(letters.directory)).toEqual([])
})

test('notes without their letters are not taken for those of another file', async () => {
  const letters = await store()
  await letters.refuse(range(0, 4))
  const [path = ''] = await letters.deadLetters.still()
  {
    await using notes = new SentNotes(path)
    await notes.add([0, 1])
  }
  renameSync(path, path.replace('.ndjson', '.1.ndjson'))
  const { attempts, run } = replaying(letters, () => accepted)
  await run()
  expect(seqsOf(attempts)).toEqual([0, 1, 2, 3])
  expect(existsSync(path.replace('.ndjson', '.sent'))).toBe(false)
})

test('purged: counted and summed up before, some seqs or all of it, and there is room again', async () => {
  const letters = await store({ maxBytes: 2000 })
  await letters.refuse(range(0, 8))
  const full = [{ sink: 'test', seq: 9, attempts: 1, reason: 'x', line: Buffer.from(line(9)) }]
  expect(await letters.deadLetters.add([...full, ...full, ...full, ...full])).toContain('limit')
  const files = await letters.deadLetters.still()
  const some = { files, from: 2, to: 5 }
  expect(await surveyLetters(some)).toMatchObject({ letters: 4, firstSeq: 2, lastSeq: 5 })
  await purgeLetters(letters.directory, some)
  expect((await letters.left()).map(({ seq }) => seq)).toEqual([0, 1, 6, 7])
  expect(await letters.deadLetters.add(full)).toBeNull()
  const all = { files: await letters.deadLetters.still(), from: 0, to: Number.POSITIVE_INFINITY }
  await purgeLetters(letters.directory, all)
  expect(readdirSync(letters.directory)).toEqual([])
  expect(await surveyLetters({ ...all, files: [] })).toMatchObject({ letters: 0, firstSeq: null })
})

test('a sink that is held because its store is full goes on by itself once letters are purged', async () => {
  const bad = ({ seqs }: DeliveryBatch): Outcome =>
    [5, 60].some((seq) => seqs.includes(seq)) ? { kind: 'refused', reason: 'HTTP 400' } : accepted
  const { journal, clock, cursor, sink, dlq, deadLetters, delivery } = await setUp(bad, {
    maxDeadLetterBytes: 350,
  })
  for (let n = 0; n < 50; n++) journal.append([event(n, `,"id":"e-${n}"`)])
  await delivery.start()
  await clock.runUntil(() => cursor.settled === 50)
  for (let n = 50; n < 100; n++) journal.append([event(n, `,"id":"e-${n}"`)])
  await clock.runUntil(() => delivery.status().state === 'held')
  expect(delivery.status().lastError).toContain('limit of 350 bytes')
  const all = { files: await deadLetters.still(), from: 0, to: Number.POSITIVE_INFINITY }
  expect(await surveyLetters(all)).toMatchObject({ letters: 1, firstSeq: 5 })
  await purgeLetters(dlq, all)
  await clock.runUntil(() => cursor.settled === 100)
  expect(sink.accepted).toHaveLength(98)
  expect(await surveyLetters({ ...all, files: await deadLetters.still() })).toMatchObject({
    letters: 1,
    firstSeq: 60,
  })
})
