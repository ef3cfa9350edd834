import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { splunkHecSinkConfig } from '../../../src/sinks/splunk_hec/config.ts'
import { event as small } from '../../delivery/memory-journal.ts'
import { batchOf, batchOfMany, linesOf } from '../batches.ts'
import { HecServer } from './hec-server.ts'
import { hecSink } from './sink.ts'

const never = new AbortController().signal

async function connected(config: Record<string, unknown> = {}) {
  const hec = await HecServer.open()
  const sink = hecSink({ url: hec.url, ...config })
  onTestFinished(async () => {
    await sink.stop()
    await hec[Symbol.asyncDispose]()
  })
  await sink.start()
  return { hec, sink, deliver: (batch = batchOfMany(5)) => sink.deliver(batch, never) }
}

const events = (...extras: string[]) => extras.map((extra, n) => small(n, extra))

test('each event has its metadata, and its time to the last digit', async () => {
  const { hec, deliver } = await connected({
    index: 'main',
    source: 'affiant',
    host: '{provenance.receiver}',
    fields: { actor: '{actor.id}', empty: '{session.id}' },
  })
  const batch = batchOf(
    events(
      ',"actor":{"id":"ü"},"provenance":{"receiver":"app"},"time":"2026-11-24T01:02:03.123456789Z"',
      ',"targets":[{"time":"1999-01-01T00:00:00Z"}],"time":"2026-11-24T01:02:04.000000000Z"',
    ),
  )
  expect((await deliver(batch)).kind).toBe('accepted')
  expect(hec.lines).toEqual(linesOf(batch))
  expect(hec.indexed.map(({ time, meta }) => ({ time, meta }))).toEqual([
    {
      time: '1795482123.123456789',
      meta: {
        index: 'main',
        source: 'affiant',
        sourcetype: 'affiant:audit',
        host: 'app',
        fields: { actor: 'ü' },
      },
    },
    {
      time: '1795482124.000000000',
      meta: { index: 'main', source: 'affiant', sourcetype: 'affiant:audit' },
    },
  ])
})

test('events of different indexes do not share a request; what a route sets is held against the lists', async () => {
  const { hec, sink } = await connected({
    index: 'team_{actor.id}',
    tokens: { payments: 'other-token' },
    overrides: { index: ['team_*'], host: ['h'] },
  })
  hec.tokens.set('other-token', {})
  const partition = sink.partition!
  const view = (actor: string) => ({
    payload: Buffer.alloc(0),
    start: 0,
    end: 0,
    event: { actor: { id: actor } },
  })
  expect(partition(view('a'), undefined)).toBe('{"index":"team_a"}')
  expect(partition({ ...view('a'), event: {} }, undefined)).toBe('')
  expect(partition(view('a'), { index: 'team_b', token: 'payments' })).toBe(
    '{"index":"team_b","token":"payments"}',
  )
  for (const [overrides, reason] of [
    [{ index: '_internal' }, 'index "_internal" is not in overrides.index of sink siem'],
    [{ token: 'mine' }, 'sink siem has no token named "mine" in `tokens`'],
    [{ source: 'x' }, 'sink siem lets no route set source: `overrides` does not name it'],
  ] as const) {
    expect(partition(view('a'), overrides)).toMatchObject({ reason })
  }
  const batch = { ...batchOfMany(2), partition: '{"host":"h","index":"team_b","token":"payments"}' }
  expect((await sink.deliver(batch, never)).kind).toBe('accepted')
  expect(hec.indexed[0]).toMatchObject({ token: 'other-token', meta: { index: 'team_b', host: 'h' } })
})

test('without templates that look into events there are no partitions', async () => {
  expect(hecSink({ url: 'http://127.0.0.1:1', index: 'main', host: '{actor.id}' }).partition).toBeUndefined()
})

test('a wrong index concerns its partition, unless it is everybody’s', async () => {
  const { sink } = await connected({ index: 'nowhere', overrides: { index: ['*'] } })
  expect(await sink.deliver(batchOfMany(1), never)).toEqual({
    kind: 'held',
    reason: 'HTTP 400, code 7: Incorrect index',
  })
  const other = { ...batchOfMany(1), partition: '{"index":"nowhere_either"}' }
  expect(await sink.deliver(other, never)).toMatchObject({ kind: 'held', partition: true })
})

test.each([0, 2, 4])('bad event %i of 5: those before are in, it is named, the rest is not', async (k) => {
  const { hec, deliver } = await connected()
  hec.poison = `"n":${k},`
  const batch = batchOf(range(5).map((n) => small(n, ',"x":1')))
  expect(await deliver(batch)).toMatchObject({ kind: 'refused', which: 'single', taken: k })
  expect(hec.lines).toEqual(linesOf(batch).slice(0, k))
})

test('with acknowledgement nothing before a bad event is proven, and the event is named all the same', async () => {
  const { hec, deliver } = await connected({ acknowledge: true })
  hec.acknowledges = true
  hec.poison = '"n":3,'
  const outcome = await deliver(batchOf(range(5).map((n) => small(n, ',"x":1'))))
  expect(outcome).toEqual({
    kind: 'refused',
    reason: expect.stringContaining('event 3 of 5'),
    which: 'single',
    at: 3,
  })
  hec.poison = '"n":0,'
  expect(await deliver(batchOf(range(5).map((n) => small(n, ',"x":1'))))).toMatchObject({
    which: 'single',
    taken: 0,
  })
})

test('acknowledged late is acknowledged; ids of many batches are asked about together', async () => {
  const { hec, sink } = await connected({ acknowledge: true, ack: { interval: '10ms', timeout: '20s' } })
  hec.acknowledges = true
  hec.ackMood = 'late'
  const outcomes = range(20).map((n) => sink.deliver(batchOfMany(1, { firstSeq: n }), never))
  await expect.poll(() => hec.indexed.length).toBe(20)
  hec.acks.acknowledge()
  expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(Array(20).fill('accepted'))
  expect(hec.channels.size).toBe(1)
})

test.each(['never', 'forgotten', 'unreadable', 'lost_id'] as const)(
  'acknowledgement %s: not delivered, sent again, on a channel of its own',
  async (mood) => {
    const { hec, deliver } = await connected({ acknowledge: true })
    hec.acknowledges = true
    expect((await deliver()).kind).toBe('accepted')
    hec.ackMood = mood
    expect(await deliver()).toMatchObject({ kind: 'later', reason: expect.stringContaining('acknowledg') })
    hec.ackMood = 'prompt'
    expect((await deliver()).kind).toBe('accepted')
    expect(hec.channels.size).toBe(mood === 'lost_id' ? 1 : 2)
  },
)

test('acknowledgement switched off at the token holds the sink: each attempt is one copy more at Splunk', async () => {
  const { hec, deliver } = await connected({ acknowledge: true })
  expect(await deliver()).toEqual({
    kind: 'held',
    partition: true,
    reason: expect.stringMatching(
      /without an acknowledgement id .*: enable indexer acknowledgement at the token/,
    ),
  })
  hec.acknowledges = true
  expect((await deliver()).kind).toBe('accepted')
})

test('an abort ends the wait for an acknowledgement at once', async () => {
  const { hec, sink } = await connected({ acknowledge: true, ack: { interval: '10ms', timeout: '1h' } })
  hec.acknowledges = true
  hec.ackMood = 'never'
  const stop = new AbortController()
  const outcome = sink.deliver(batchOfMany(1), stop.signal)
  await expect.poll(() => hec.indexed.length).toBe(1)
  stop.abort(new Error('the agent stops'))
  expect(await outcome).toEqual({ kind: 'later', reason: 'the agent stops' })
})

test('a dead endpoint is passed over, and asked for its health before it is used again', async () => {
  const dead = await HecServer.open()
  const { port, url } = dead
  await dead[Symbol.asyncDispose]()
  const hec = await HecServer.open()
  const sink = hecSink({ url: [url, { url: hec.url, weight: 2 }] })
  await sink.start()
  onTestFinished(async () => {
    await sink.stop()
    await hec[Symbol.asyncDispose]()
  })
  const kinds = []
  for (let n = 0; n < 30; n++) kinds.push((await sink.deliver(batchOfMany(1, { firstSeq: n }), never)).kind)
  // Five faults open the circuit; from then on everything goes to the other one.
  expect(kinds.filter((kind) => kind === 'later')).toHaveLength(5)
  expect(kinds.slice(-10)).toEqual(Array(10).fill('accepted'))
  expect(sink.endpoints!()).toMatchObject([{ circuit: 'open' }, { circuit: 'closed' }])

  await using again = await HecServer.open(port)
  again.healthy = false
  await expect
    .poll(
      async () => {
        await sink.deliver(batchOfMany(1), never)
        return again.healthChecks
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(0)
  expect(again.indexed).toEqual([])
  again.healthy = true
  await expect
    .poll(
      async () => {
        await sink.deliver(batchOfMany(1), never)
        return again.indexed.length
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThan(0)
})

test('a token in a file is read again when Splunk does not take it; no token is ever in a reason', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-hec-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'token')
  await writeFile(file, 'old-secret-token\n')
  const { hec, deliver } = await connected({ token: { file } })
  hec.before = (request, response) => {
    if (request.headers.authorization === 'Splunk secret-token') return false
    response
      .writeHead(403)
      .end(JSON.stringify({ code: 4, text: `Invalid token ${request.headers.authorization}` }))
    return true
  }
  expect(await deliver()).toEqual({ kind: 'held', reason: 'HTTP 403, code 4: Invalid token Splunk ***' })
  await writeFile(file, 'secret-token\n')
  expect((await deliver()).kind).toBe('accepted')
  await rm(file)
  hec.before = () => false
  hec.tokens.clear()
  expect(await deliver()).toMatchObject({ kind: 'held', reason: expect.stringContaining('ENOENT') })
})

test('raw: bare lines, metadata in the query', async () => {
  const { hec, deliver } = await connected({ endpoint: 'raw', index: 'main', source: 'a b' })
  const batch = batchOfMany(3)
  expect((await deliver(batch)).kind).toBe('accepted')
  expect(hec.lines).toEqual(linesOf(batch))
  expect(hec.indexed[0]!.meta).toMatchObject({ index: 'main', source: 'a b', sourcetype: 'affiant:audit' })
})

test('wrong options are refused with their place', () => {
  const parse = (config: object) =>
    splunkHecSinkConfig.safeParse({ type: 'splunk_hec', url: 'https://s:8088', token: 't', ...config }).error
      ?.issues
  expect(parse({ index: '{actr.id}' })).toMatchObject([
    { path: ['index'], message: expect.stringContaining('actor') },
  ])
  expect(parse({ endpoint: 'raw', fields: { a: 'b' } })).toMatchObject([{ path: ['fields'] }])
  expect(parse({ url: 'https://u:p@s:8088' })).toBeDefined()
  expect(parse({ index: 'main', url: ['https://a', { url: 'https://b', weight: 2 }] })).toBeUndefined()
})

const range = (count: number) => Array.from({ length: count }, (_, n) => n)
