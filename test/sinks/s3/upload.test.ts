/** Objects in parts: each part is checked, and nothing of an upload is left over. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Sink } from '../../../src/sinks/sink.ts'
import { hurriedClock } from '../../receivers/file/model/hurried-clock.ts'
import { planned, s3Batch } from './batches.ts'
import { type Bucket, errorText, openBucket, refuse, s3Sink } from './bucket.ts'

const never = new AbortController().signal

let bucket: Bucket
beforeEach(async () => {
  bucket = await openBucket()
})
afterEach(() => bucket[Symbol.asyncDispose]())

async function open(options: Record<string, unknown> = {}): Promise<Sink> {
  // How long a name is left alone after a failure is the subject of unanswered.test.ts.
  const sink = s3Sink(
    bucket.url,
    { compression: 'none', multipart: { threshold: '5MiB', part_size: '5MiB' }, ...options },
    hurriedClock,
  )
  await sink.start()
  onTestFinished(() => sink.stop())
  return sink
}

const large = (sink: Sink) => planned(sink, s3Batch(sink, 1200, { extra: 10_000 }))

test.each(['crc32c', 'sha256'])('each part has its %s', async (checksum) => {
  const sink = await open({ checksum })
  const sums: unknown[] = []
  const sizes: number[] = []
  bucket.answer = (request, response) => {
    if (request.url?.includes('partNumber')) {
      sums.push(request.headers[`x-amz-checksum-${checksum}`])
      sizes.push(Number(request.headers['content-length']))
    }
    if (request.url?.includes('?uploads') && request.method === 'POST') {
      expect(request.headers['x-amz-checksum-algorithm']).toBe(checksum.toUpperCase())
    }
    return bucket.accept(request, response)
  }
  const batch = await large(sink)
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect(sizes).toEqual([5_242_880, 5_242_880, batch.lines.length - 10_485_760])
  const first = batch.lines.subarray(0, 5_242_880)
  if (checksum === 'sha256') expect(sums[0]).toBe(createHash('sha256').update(first).digest('base64'))
  else expect(sums).toEqual(Array(3).fill(expect.stringMatching(/^[\w+/]{6}==$/)))
  expect([...bucket.objects.values()][0]?.body.equals(batch.lines)).toBe(true)
})

test('what a run before left of this object is taken back; what is others’ stays', async () => {
  const sink = await open()
  const batch = await large(sink)
  const { key } = batch.plan!.detail as { key: string }
  for (const name of [key, key, `${key}.other`, 'else']) bucket.uploads.begin(`bucket/${name}`)
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect([...bucket.uploads.open.values()].map((upload) => upload.key)).toEqual([
    `bucket/${key}.other`,
    'bucket/else',
  ])
})

test.each([
  ['a part is refused', 'PUT', 'partNumber', 503, 'SlowDown'],
  ['the end is refused', 'POST', 'uploadId', 500, 'InternalError'],
  ['somebody was faster', 'POST', 'uploadId', 412, 'PreconditionFailed'],
])('an upload that fails (%s) leaves nothing, and comes again', async (_, method, query, status, code) => {
  const sink = await open()
  const batch = await large(sink)
  let faults = 0
  bucket.answer = (request, response) => {
    const meant = request.method === method && request.url?.includes(query)
    if (!meant || faults++ > 0) return bucket.accept(request, response)
    request.resume().on('end', () => refuse(response, status, code))
  }
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
  expect(bucket.uploads.open.size).toBe(0)
  expect(bucket.objects.size).toBe(0)
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
})

test('an error inside a 200 is an error', async () => {
  const sink = await open()
  for (const text of [errorText('InternalError'), '', '<?xml version="1.0"?>  ']) {
    bucket.answer = (request, response) => {
      if (request.method !== 'POST' || !request.url?.includes('uploadId'))
        return bucket.accept(request, response)
      request.resume().on('end', () => response.end(text))
    }
    expect(await sink.deliver(await large(sink), never)).toMatchObject({ kind: 'later' })
    expect(bucket.uploads.open.size).toBe(0)
  }
})

test('who may not list uploads uploads all the same', async () => {
  const sink = await open()
  bucket.answer = (request, response) =>
    request.method === 'GET'
      ? void request.resume().on('end', () => refuse(response, 403, 'AccessDenied'))
      : bucket.accept(request, response)
  expect(await sink.deliver(await large(sink), never)).toMatchObject({ kind: 'accepted' })
})
