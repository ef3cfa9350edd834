/**
 * Elsewhere a timeout or expired credentials drop a batch, and repeating it for one destination repeats it at others.
 * Here each has a cursor of its own, and what an object store has taken it knows by its name.
 */
import { expect, onTestFinished, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'
import { connected, type HttpDestination } from '../sinks/http/destination.ts'
import { type Bucket, openBucket, refuse, s3Sink } from '../sinks/s3/bucket.ts'
import { append, delivering, numbersIn } from './delivering.ts'

/** What a destination is told twice under one key it has once: on a loaded machine an answer may come after the timeout. */
function onceEach({ requests }: HttpDestination): number[] {
  const bodies = new Map(requests.map(({ headers, body }) => [headers['idempotency-key'], String(body)]))
  return numbersIn([...bodies.values()].flatMap((body) => body.trimEnd().split('\n')))
}

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)

test('one hangs, then refuses its credentials, then is well: it gets everything, the other one nothing twice', {
  timeout: 60_000,
}, async ({ signal }) => {
  await using directory = await temporaryDirectory()
  const sick = await connected({ timeout: '500ms' })
  const well = await connected()
  const accept = sick.destination.answer
  let requests = 0
  sick.destination.answer = async (request, response) => {
    requests++
    if (requests <= 4) return
    if (requests <= 8) return void request.resume().on('end', () => response.writeHead(401).end())
    await accept(request, response)
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 300)
  const deliveries = [
    await delivering(journal, directory.path, sick.sink, 'sick'),
    await delivering(journal, directory.path, well.sink, 'well'),
  ]
  for (const delivery of deliveries) await delivery.settledThrough(300, signal)
  for (const delivery of deliveries) await delivery.stop(0)
  expect(requests).toBeGreaterThan(8)
  expect(sorted(onceEach(sick.destination))).toEqual(range(0, 300))
  expect(sorted(numbersIn(well.destination.lines()))).toEqual(range(0, 300))
})

test('an answer that is lost after the batch was taken: it comes again under the same key, byte for byte', {
  timeout: 60_000,
}, async ({ signal }) => {
  await using directory = await temporaryDirectory()
  const { destination, sink } = await connected()
  const accept = destination.answer
  let lost = 3
  destination.answer = async (request, response) => {
    if (lost-- <= 0) return await accept(request, response)
    response.writeHead = () => {
      request.socket.resetAndDestroy()
      return response
    }
    await accept(request, response)
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 200)
  const delivery = await delivering(journal, directory.path, sink)
  await delivery.settledThrough(200, signal)
  await delivery.stop(0)
  const bodies = new Map<string, string>()
  for (const { headers, body } of destination.requests) {
    const key = String(headers['idempotency-key'])
    expect(bodies.get(key) ?? String(body)).toBe(String(body))
    bodies.set(key, String(body))
  }
  expect(destination.requests.length).toBe(bodies.size + 3)
  expect(sorted([...bodies.values()].flatMap((body) => numbersIn(body.trimEnd().split('\n'))))).toEqual(
    range(0, 200),
  )
})

/** Numbers of all events in all objects. */
const stored = (bucket: Bucket) => sorted(numbersIn(bucket.lines()))

test('s3: a store that hangs, and credentials that have expired, are ridden out; the other sink gets nothing twice', {
  timeout: 60_000,
}, async ({ signal }) => {
  await using directory = await temporaryDirectory()
  const bucket = await openBucket()
  onTestFinished(() => bucket[Symbol.asyncDispose]())
  const well = await connected()
  let requests = 0
  bucket.answer = (request, response) => {
    requests++
    if (requests <= 4) return
    if (requests <= 12) return void request.resume().on('end', () => refuse(response, 400, 'ExpiredToken'))
    return bucket.accept(request, response)
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 300)
  const deliveries = [
    await delivering(journal, directory.path, s3Sink(bucket.url, { timeout: '500ms' }), 'archive'),
    await delivering(journal, directory.path, well.sink, 'well'),
  ]
  for (const delivery of deliveries) await delivery.settledThrough(300, signal)
  for (const delivery of deliveries) await delivery.stop(0)
  expect(requests).toBeGreaterThan(12)
  expect(stored(bucket)).toEqual(range(0, 300))
  expect(sorted(numbersIn(well.destination.lines()))).toEqual(range(0, 300))
})

test('s3: the answer to a PUT is lost: the same name, and one object', { timeout: 60_000 }, async ({
  signal,
}) => {
  await using directory = await temporaryDirectory()
  const bucket = await openBucket()
  onTestFinished(() => bucket[Symbol.asyncDispose]())
  const puts: string[] = []
  let lost = 3
  bucket.answer = async (request, response) => {
    if (request.method === 'PUT') {
      puts.push(request.url ?? '')
      if (lost-- > 0) {
        response.writeHead = () => {
          request.socket.resetAndDestroy()
          return response
        }
      }
    }
    await bucket.accept(request, response)
  }
  await using journal = await open(directory.path)
  await append(journal, 0, 200)
  const delivery = await delivering(journal, directory.path, s3Sink(bucket.url), 'archive')
  await delivery.settledThrough(200, signal)
  await delivery.stop(0)
  expect(lost).toBeLessThan(0)
  expect(puts).toHaveLength(bucket.objects.size)
  expect(stored(bucket)).toEqual(range(0, 200))
})
