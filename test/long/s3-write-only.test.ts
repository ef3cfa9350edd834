/** Credentials that may put objects and nothing else, and answers that are lost: no event is in two objects, none is gone. */
import { gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { range } from '../delivery/scripted-sink.ts'
import { delivering, lettersOf } from '../failures/delivering.ts'
import { batchOf, open, stream, temporaryDirectory } from '../journal/journal-directory.ts'
import { openBucket, s3Sink } from '../sinks/s3/bucket.ts'

test('what is there and may not be looked at is told, kept once more, and never cut in halves', async () => {
  await using directory = await temporaryDirectory()
  const bucket = await openBucket()
  onTestFinished(() => bucket[Symbol.asyncDispose]())
  let puts = 0
  bucket.answer = async (request, response) => {
    if (request.method !== 'PUT') return void request.resume().on('end', () => response.writeHead(403).end())
    if (++puts === 3) response.end = () => response.destroy() as typeof response
    await bucket.accept(request, response)
  }
  await using journal = await open(directory.path)
  const sink = s3Sink(bucket.url)
  const delivery = await delivering(journal, directory.path, sink, 'archive')
  await using _stopped = { [Symbol.asyncDispose]: () => delivery.stop(0) }
  let end = 0
  const more = async () => {
    const hour = (end / 50) % 10
    const texts = range(end, end + 50).map((n) =>
      JSON.stringify({ action: 'test.event', n, time: `2026-05-01T1${hour}:00:00.000000000Z` }),
    )
    await journal.append(batchOf(texts), { stream: stream(1) })
    end += 50
    return (await lettersOf(directory.path, 'archive')).length
  }
  await expect.poll(more, { timeout: 20_000 }).toBeGreaterThan(0)
  await delivery.settledThrough(end, AbortSignal.timeout(20_000))
  const stored = [...bucket.objects.values()].flatMap(({ body }) =>
    gunzipSync(body)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line): number => JSON.parse(line).n),
  )
  expect(stored.toSorted((a, b) => a - b)).toEqual(range(0, end))
  const letters = await lettersOf(directory.path, 'archive')
  expect(letters.length).toBeLessThanOrEqual(50)
  for (const { reason } of letters)
    expect(reason).toMatch(/^an object is at s3:.* the sink needs s3:GetObject$/)
})
