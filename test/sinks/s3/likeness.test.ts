/** An object is there already: whether it is the same is seen from its bytes, whatever the server tells of them. */
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Sink } from '../../../src/sinks/sink.ts'
import { planned, s3Batch } from './batches.ts'
import { type Bucket, openBucket, refuse, s3Sink } from './bucket.ts'

const never = new AbortController().signal

let bucket: Bucket
beforeEach(async () => {
  bucket = await openBucket()
})
afterEach(() => bucket[Symbol.asyncDispose]())

async function open(options: Record<string, unknown> = {}): Promise<Sink> {
  const sink = s3Sink(bucket.url, options)
  await sink.start()
  onTestFinished(() => sink.stop())
  return sink
}

/** An object is taken, and the answer to that does not arrive. */
function loseAnswer(): void {
  bucket.answer = async (request, response) => {
    if (request.method === 'HEAD') return bucket.accept(request, response)
    response.end = () => response.destroy() as typeof response
    await bucket.accept(request, response)
    bucket.answer = bucket.accept
  }
}

const inParts = { compression: 'none', multipart: { threshold: '5MiB', part_size: '5MiB' } }
const large = { extra: 10_000 }

test.each([
  ['all that Amazon tells', {}],
  ['no metadata', { metadata: false }],
  ['no checksums', { checksums: false, metadata: false }],
  ['an ETag that is no MD5, as with a KMS', { checksums: false, metadata: false, md5: false }],
  [
    'nothing but the bytes, and all of them',
    { checksums: false, metadata: false, md5: false, ranges: false },
  ],
  ['nothing of the bytes but what their writer said', { checksums: false, md5: false, content: false }],
])('an answer that was lost is one object; told is %s', async (_, tells) => {
  Object.assign(bucket.tells, tells)
  const sink = await open()
  const batch = await planned(sink, s3Batch(sink, 50))
  loseAnswer()
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
  expect(bucket.objects.size).toBe(1)
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect(bucket.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1)
})

test.each([
  ['all that Amazon tells', {}],
  ['no checksums', { checksums: false }],
  ['nothing but the bytes', { checksums: false, metadata: false, md5: false }],
])(
  'as long, and said to be the same, but other bytes: never taken for ours; told is %s',
  async (_, tells) => {
    Object.assign(bucket.tells, tells)
    const sink = await open()
    const batch = await planned(sink, s3Batch(sink, 50))
    await sink.deliver(batch, never)
    const [[key, { body, headers }] = ['', { body: Buffer.of(), headers: {} }]] = bucket.objects
    const damaged = Buffer.from(body)
    damaged[20]! ^= 1
    bucket.objects.set(key, { body: damaged, headers: { ...headers, 'x-amz-checksum-crc32c': 'AAAAAA==' } })
    expect(await sink.deliver(batch, never)).toMatchObject({
      kind: 'held',
      partition: true,
      reason: expect.stringMatching(/^another object is at s3:\/\/bucket\/test\/.*its (crc32c|SHA-256) is /),
    })
    expect(bucket.objects.get(key)?.body).toEqual(damaged)
  },
)

test.each([[{}], [{ checksums: false, md5: false }]])(
  'an object in parts: an answer lost at its end makes no second one (%j)',
  async (tells) => {
    Object.assign(bucket.tells, tells, { metadata: false })
    const sink = await open(inParts)
    const batch = await planned(sink, s3Batch(sink, 1200, large))
    bucket.answer = async (request, response) => {
      if (request.method !== 'POST' || !request.url?.includes('uploadId'))
        return bucket.accept(request, response)
      response.end = () => response.destroy() as typeof response
      await bucket.accept(request, response)
    }
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
    expect(bucket.objects.size).toBe(1)
    bucket.answer = bucket.accept
    const before = bucket.requests.length
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    expect(bucket.requests.slice(before).filter((request) => request.startsWith('P'))).toEqual([])
    expect([...bucket.objects.values()][0]?.body.equals(batch.lines)).toBe(true)
  },
)

test('a plan whose bytes are gone keeps its name, and finds what was sent before', async () => {
  const first = await open()
  const batch = s3Batch(first, 50)
  const sent = await planned(first, batch)
  const now = await open({
    bucket: 'other',
    key: 'x/{range}',
    compression: 'zstd',
    compression_level: 15,
    checksum: 'sha256',
  })
  const again = async () => ({ ...batch, plan: await now.plan!(batch, sent.plan?.detail) })
  const { key } = sent.plan!.detail as { key: string }
  expect((await again()).plan.detail).toMatchObject({
    bucket: 'bucket',
    key,
    former: { size: sent.plan?.body?.length },
  })
  expect(await first.deliver(sent, never)).toMatchObject({ kind: 'accepted' })
  for (const tells of [{}, { checksums: false, md5: false }]) {
    Object.assign(bucket.tells, tells)
    expect(await now.deliver(await again(), never)).toMatchObject({ kind: 'accepted' })
  }
  expect([...bucket.objects.keys()]).toEqual([`bucket/${key}`])
  // Where it was not sent, it is now.
  bucket.objects.clear()
  expect(await now.deliver(await again(), never)).toMatchObject({ kind: 'accepted' })
  expect(bucket.lines()).toEqual(batch.lines.toString().trimEnd().split('\n'))
})

test('who may only write: the object is written, and one that is there already is not taken for ours unseen', async () => {
  bucket.answer = (request, response) =>
    request.method === 'PUT'
      ? bucket.accept(request, response)
      : void request.resume().on('end', () => response.writeHead(403).end())
  const sink = await open()
  const batch = await planned(sink, s3Batch(sink, 5))
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect(await sink.deliver(batch, never)).toMatchObject({
    kind: 'held',
    // All of it together: in halves it would be there twice.
    partition: true,
    reason: expect.stringMatching(
      /^an object is at s3:.* already, .*\(HTTP 403\): the sink needs s3:GetObject$/,
    ),
  })
  bucket.answer = bucket.accept
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect(bucket.objects.size).toBe(1)
})

test('a proxy that says 200 to everything has stored nothing', async () => {
  bucket.answer = (request, response) =>
    void request.resume().on('end', () => response.end('<html>log in</html>'))
  for (const options of [{}, inParts]) {
    const sink = await open(options)
    const batch = await planned(sink, s3Batch(sink, 1200, large))
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
  }
})

test('a 200 without an ETag counts once the object is there', async () => {
  let stores = false
  bucket.answer = async (request, response) => {
    if (request.method !== 'PUT') return bucket.accept(request, response)
    const body = Buffer.concat(await request.toArray())
    if (stores)
      bucket.objects.set((request.url ?? '').replace(/^\/|\?.*$/g, ''), { body, headers: request.headers })
    response.end()
  }
  const sink = await open()
  const batch = await planned(sink, s3Batch(sink, 5))
  expect(await sink.deliver(batch, never)).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('no ETag'),
  })
  stores = true
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
})

test('a store that cannot be asked by HEAD is written to', async () => {
  const sink = await open()
  for (const [n, status] of [405, 501].entries()) {
    bucket.answer = (request, response) =>
      request.method === 'HEAD' ? void response.writeHead(status).end() : bucket.accept(request, response)
    expect(await sink.deliver(s3Batch(sink, 5, { firstSeq: 10 * n }), never)).toMatchObject({
      kind: 'accepted',
    })
  }
})

test('412 while somebody is at it, and then nothing there: it is written later', async () => {
  const sink = await open()
  const batch = await planned(sink, s3Batch(sink, 5))
  for (const [status, code] of [
    [412, 'PreconditionFailed'],
    [409, 'ConditionalRequestConflict'],
  ] as const) {
    bucket.answer = (request, response) =>
      request.method === 'HEAD'
        ? bucket.accept(request, response)
        : void request.resume().on('end', () => refuse(response, status, code))
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
  }
  bucket.answer = bucket.accept
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
})
