/**
 * Elsewhere one bad event, or a wrong index, fails its batch, 200 is taken for indexed, and a timeout makes duplicates that
 * nobody can tell. More of it, over the whole table of codes: test/sinks/splunk_hec/codes.test.ts, test/long/splunk-hec.test.ts.
 */
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { until } from '../receivers/until.ts'
import { connected } from '../sinks/http/destination.ts'
import { HecServer } from '../sinks/splunk_hec/hec-server.ts'
import { hecSink } from '../sinks/splunk_hec/sink.ts'
import { append, delivering, lettersOf, numbersIn } from './delivering.ts'

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

const numbersOf = async (request: IncomingMessage) =>
  numbersIn((await text(request)).split('\n').filter((line) => line !== ''))

/** Numbers of the events that became dead letters. */
const lettersIn = async (dataDir: string, sink = 'hook'): Promise<number[]> =>
  (await lettersOf(dataDir, sink)).map(({ event }) => event.n)

describe('splunk_hec', () => {
  async function splunk(config: Record<string, unknown> = {}) {
    const hec = await HecServer.open()
    hec.acknowledges = config.acknowledge === true
    const sink = hecSink({ url: hec.url, ...config })
    onTestFinished(() => hec[Symbol.asyncDispose]())
    return { hec, sink }
  }

  test('the events before the bad one are not sent again, it is a dead letter, and the rest is delivered', async () => {
    await using directory = await temporaryDirectory()
    const { hec, sink } = await splunk()
    hec.poison = 'malformed'
    await using journal = await open(directory.path)
    await append(journal, 0, 200, (n) => (n === 63 ? 'malformed' : ''))
    const delivery = await delivering(journal, directory.path, sink)
    await delivery.settledThrough(200, AbortSignal.timeout(15_000))
    await delivery.stop(0)
    expect(sorted(numbersIn(hec.lines))).toEqual(range(0, 200).filter((n) => n !== 63))
    expect(await lettersIn(directory.path, 'siem')).toEqual([63])
  })

  test('a wrong index of one team holds nothing of the others', async () => {
    await using directory = await temporaryDirectory()
    const { hec, sink } = await splunk({ index: '{action}' })
    await using journal = await open(directory.path)
    const delivery = await delivering(journal, directory.path, sink)
    let count = 0
    const write = async (action: string, more: number) => {
      const texts = range(count, count + more).map((n) => JSON.stringify({ action, n }))
      count += more
      await journal.append(batchOf(texts), { stream: stream(1) })
    }
    await write('nowhere', 10)
    await write('team_a', 50)
    await expect.poll(() => hec.lines.length, { timeout: 10_000 }).toBe(50)
    // What passes meanwhile tells whose fault it is.
    const letters = async () => {
      await write('team_a', 1)
      return (await lettersIn(directory.path, 'siem')).length
    }
    await expect.poll(letters, { timeout: 10_000 }).toBe(10)
    await delivery.settledThrough(count, AbortSignal.timeout(15_000))
    expect(delivery.status()).toMatchObject({
      state: 'held',
      lastError: expect.stringContaining('Incorrect index'),
    })
    await delivery.stop(0)
    expect(sorted(numbersIn(hec.lines))).toEqual(range(10, count))
  })

  test('200 without an acknowledgement is not delivered', async () => {
    await using directory = await temporaryDirectory()
    const { hec, sink } = await splunk({ acknowledge: true })
    hec.ackMood = 'never'
    await using journal = await open(directory.path)
    await append(journal, 0, 50)
    const delivery = await delivering(journal, directory.path, sink)
    // Taken with 200, time and again.
    await expect.poll(() => hec.requests, { timeout: 10_000 }).toBeGreaterThan(2)
    expect(delivery.status().settled).toBe(0)
    hec.ackMood = 'prompt'
    await delivery.settledThrough(50, AbortSignal.timeout(15_000))
    await delivery.stop(0)
    expect(new Set(numbersIn(hec.lines))).toEqual(new Set(range(0, 50)))
    expect(await lettersIn(directory.path, 'siem')).toEqual([])
  })
})

test('what was accepted is not sent again, the bad event is a dead letter, and all others arrive', async () => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected()
  const taken: number[] = []
  const sentAgain: number[] = []
  destination.answer = async (request, response) => {
    const numbers = await numbersOf(request)
    sentAgain.push(...numbers.filter((n) => taken.includes(n)))
    const isBad = numbers.includes(63)
    if (!isBad) taken.push(...numbers)
    response.writeHead(isBad ? 400 : 200).end(isBad ? 'an event of this batch is bad' : 'ok')
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 200)
  const delivery = await delivering(journal, directory.path, sink)
  await delivery.settledThrough(200, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect(sorted(taken)).toEqual(range(0, 200).filter((n) => n !== 63))
  expect(sentAgain).toEqual([])
  expect(await lettersIn(directory.path)).toEqual([63])
})

test('a wrong index is the fault of no event: the sink is held, and all is delivered once it is there', async () => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected()
  let isThere = false
  const taken: number[] = []
  destination.answer = async (request, response) => {
    const numbers = await numbersOf(request)
    if (isThere) taken.push(...numbers)
    response.writeHead(isThere ? 200 : 404).end(isThere ? 'ok' : 'no such index')
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 200)
  const delivery = await delivering(journal, directory.path, sink)
  await until(
    'held',
    () => delivery.status().state === 'held',
    () => delivery.status(),
  )
  expect(delivery.status()).toMatchObject({ settled: 0, lastError: 'HTTP 404: no such index' })
  isThere = true
  await delivery.settledThrough(200, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect(sorted(taken)).toEqual(range(0, 200))
  expect(await lettersIn(directory.path)).toEqual([])
})

test('an answer that comes too late settles nothing, and what is sent again is known by its key', async () => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected({ timeout: '200ms' })
  let late = 2
  let settledTooEarly = false
  const numbersByKey = new Map<string, string>()
  destination.answer = async (request, response) => {
    const key = String(request.headers['idempotency-key'])
    const numbers = String(await numbersOf(request))
    expect(numbersByKey.get(key) ?? numbers).toBe(numbers)
    numbersByKey.set(key, numbers)
    if (late-- > 0) settledTooEarly ||= delivery.status().settled > 0
    else response.writeHead(200).end('ok')
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 40)
  const delivery = await delivering(journal, directory.path, sink)
  await delivery.settledThrough(40, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  expect(late).toBeLessThan(0)
  expect(settledTooEarly).toBe(false)
  const once = [...numbersByKey.values()].flatMap((numbers) => numbers.split(',').map(Number))
  expect(sorted(once)).toEqual(range(0, 40))
})
