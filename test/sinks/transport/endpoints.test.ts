import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/sinks/sink.ts'
import { Endpoints } from '../../../src/sinks/transport/endpoints.ts'

const never = new AbortController().signal
const a = { url: 'http://a.example/in?key=hidden', weight: 1 }
const b = { url: 'http://b.example/', weight: 2 }
const accepted: Outcome = { kind: 'accepted' }
const later: Outcome = { kind: 'later', reason: 'it is down' }

test('the load is shared by weight', () => {
  const endpoints = new Endpoints([a, b], () => 0)
  const chosen = Array.from({ length: 9 }, () => endpoints.choose()?.index)
  expect(chosen.filter((index) => index === 0)).toHaveLength(3)
  expect(chosen.filter((index) => index === 1)).toHaveLength(6)
})

test('one in trouble is passed over, tried again by one request, and then takes its share', async () => {
  let now = 0
  const endpoints = new Endpoints([a, b], () => now)
  const asked: number[] = []
  let dead = true
  const ask = () =>
    endpoints.ask(never, async ({ index }) => {
      asked.push(index)
      return index === 0 && dead ? later : accepted
    })
  for (let round = 0; round < 15; round++) await ask()
  expect(asked.filter((index) => index === 0)).toHaveLength(5)
  expect(endpoints.status()).toEqual([
    { url: 'http://a.example/in', circuit: 'open', lastError: 'it is down' },
    { url: 'http://b.example/', circuit: 'closed', lastError: undefined },
  ])
  asked.length = 0
  for (let round = 0; round < 10; round++) await ask()
  expect(asked).not.toContain(0)
  now = 1_000
  dead = false
  expect(endpoints.status()[0]?.circuit).toBe('half_open')
  for (let round = 0; round < 9; round++) await ask()
  expect(asked).toContain(0)
  expect(endpoints.status()[0]).toMatchObject({ circuit: 'closed', lastError: undefined })
})

test.each([
  ['a single one', [a], [1_000, 1_000, 1_000]],
  ['one of several', [a, b], [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
])('%s that does not answer is left alone, for a time that grows up to its limit', async (_, urls, waits) => {
  let now = 0
  const endpoints = new Endpoints(urls, () => now)
  let asked = 0
  const ask = () =>
    endpoints.ask(never, async () => {
      asked++
      return later
    })
  for (let round = 0; round < 5 * urls.length; round++) await ask()
  for (const wait of waits) {
    const before = asked
    expect(await ask()).toEqual({
      kind: 'later',
      reason: 'it is down (not asked again for now)',
      retryAfter: wait,
    })
    expect(asked).toBe(before)
    now += wait
    for (const _url of urls) await ask()
    expect(asked).toBe(before + urls.length)
  }
})

test('in half_open one request goes, and one that is abandoned says nothing', async () => {
  let now = 0
  const endpoints = new Endpoints([a], () => now)
  for (let round = 0; round < 5; round++) await endpoints.ask(never, async () => later)
  now = 1_000
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const stopping = new AbortController()
  const first = endpoints.ask(stopping.signal, () => promise)
  expect(endpoints.choose()).toBeUndefined()
  stopping.abort(new Error('the agent stops'))
  expect(await first).toEqual({ kind: 'later', reason: 'the agent stops' })
  resolve(later)
  expect(endpoints.status()[0]?.circuit).toBe('half_open')
  expect(await endpoints.ask(never, async () => accepted)).toEqual(accepted)
  expect(endpoints.status()[0]?.circuit).toBe('closed')
})

const refused: Outcome = { kind: 'refused', reason: 'HTTP 400' }
const held: Outcome = { kind: 'held', reason: 'HTTP 403' }

test.each([refused, held])(
  'one of two that says $reason to everything is not believed, and left alone',
  async (verdict) => {
    const endpoints = new Endpoints([a, { ...b, weight: 1 }], () => 0)
    const asked = [0, 0]
    const ask = () =>
      endpoints.ask(never, async ({ index }) => {
        asked[index]!++
        return index === 0 ? verdict : accepted
      })
    for (let round = 0; round < 100; round++) expect(await ask()).toEqual(accepted)
    expect(asked).toEqual([5, 100])
    expect(endpoints.status()[0]).toMatchObject({
      circuit: 'open',
      lastError: expect.stringContaining('HTTP 4'),
    })
  },
)

test('what both say holds, and neither is in trouble for it', async () => {
  const endpoints = new Endpoints([a, b], () => 0)
  for (let round = 0; round < 20; round++)
    expect(await endpoints.ask(never, async () => refused)).toEqual(refused)
  expect(endpoints.status().map(({ circuit }) => circuit)).toEqual(['closed', 'closed'])
})

test('a verdict of the only one that answers counts if it has taken events', async () => {
  const endpoints = new Endpoints([a, b], () => 0)
  const only = (outcome: Outcome) =>
    endpoints.ask(never, async ({ index }) => (index === 0 ? outcome : later))
  for (let round = 0; round < 10; round++) {
    const { kind } = await only(refused)
    expect(kind).toBe('later')
  }
  expect(await only(accepted)).toEqual(accepted)
  expect(await only(refused)).toEqual(refused)
})

test('where one has taken some of a batch, nobody else is asked', async () => {
  const endpoints = new Endpoints([a, b], () => 0)
  const partly: Outcome = { kind: 'refused', which: 'single', taken: 3, reason: 'event 3' }
  let asked = 0
  const outcome = await endpoints.ask(never, async () => {
    asked++
    return partly
  })
  expect([outcome, asked]).toEqual([partly, 1])
})
