/**
 * Elsewhere one bad event, or a wrong index, fails its batch, and a timeout makes duplicates that nobody can tell. Held for
 * the `http` sink; for `splunk_hec`, where 200 without an acknowledgement is not delivery, in test/integrity/splunk-hec.test.ts.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'
import { until } from '../receivers/until.ts'
import { connected } from '../sinks/http/destination.ts'
import { append, delivering, numbersIn } from './delivering.ts'

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

const numbersOf = async (request: IncomingMessage) =>
  numbersIn((await text(request)).split('\n').filter((line) => line !== ''))

/** Numbers of the events that became dead letters. */
async function lettersIn(dataDir: string): Promise<number[]> {
  const directory = join(dataDir, 'dlq', 'hook')
  const names = await readdir(directory).catch(() => [])
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  const lines = texts.flatMap((letters) => letters.split('\n').filter((line) => line !== ''))
  return lines.map((line): number => JSON.parse(line).event.n)
}

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
