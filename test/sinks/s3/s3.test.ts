import { writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { s3SinkConfig } from '../../../src/sinks/s3/config.ts'
import { createS3Sink } from '../../../src/sinks/s3/index.ts'
import type { Sink } from '../../../src/sinks/sink.ts'
import { WorkDirectory } from '../../e2e/agent-process.ts'
import { hurriedClock } from '../../receivers/file/model/hurried-clock.ts'
import { planned, s3Batch } from './batches.ts'
import { type Bucket, openBucket, refuse, s3Sink } from './bucket.ts'

const never = new AbortController().signal

let bucket: Bucket
beforeEach(async () => {
  bucket = await openBucket()
})
afterEach(() => bucket[Symbol.asyncDispose]())

async function open(options: Record<string, unknown> = {}, clock?: Clock): Promise<Sink> {
  const sink = s3Sink(bucket.url, options, clock)
  await sink.start()
  onTestFinished(() => sink.stop())
  return sink
}

test('an object says what it is', async () => {
  const sink = await open({
    encryption: { type: 'kms', key_id: 'key-1' },
    storage_class: 'STANDARD_IA',
    tags: { team: 'audit + co' },
    acl: 'bucket-owner-full-control',
    object_lock: { mode: 'governance', retain: '1d', legal_hold: true },
  })
  const batch = s3Batch(sink, 5)
  const sent = await planned(sink, batch)
  expect(await sink.deliver(sent, never)).toEqual({ kind: 'accepted', released: true })
  const [[key, object] = []] = [...bucket.objects]
  expect(key).toBe('bucket/test/2026-05-01/10/000001-0000000000000000-0000000000000004.ndjson.gz')
  expect(gunzipSync(object?.body ?? '').equals(batch.lines)).toBe(true)
  const detail = sent.plan?.detail
  expect(object?.headers).toMatchObject({
    'content-type': 'application/gzip',
    'if-none-match': '*',
    'x-amz-acl': 'bucket-owner-full-control',
    'x-amz-checksum-crc32c': expect.stringMatching(/^[\w+/]{6}==$/),
    'x-amz-meta-affiant-events': '5',
    'x-amz-meta-affiant-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
    'x-amz-object-lock-legal-hold': 'ON',
    'x-amz-object-lock-mode': 'GOVERNANCE',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-tagging': 'team=audit+%2B+co',
  })
  expect(object?.headers['content-encoding']).toBeUndefined()
  expect(detail).toMatchObject({ sha256: object?.headers['x-amz-meta-affiant-sha256'] })
})

test('what was planned is sent, whatever the configuration says now', async () => {
  const before = await open()
  const batch = await planned(before, s3Batch(before, 5))
  const options = { bucket: 'other', compression: 'none', key: 'x/{range}', checksum: 'sha256' }
  const after = await open(options, hurriedClock)
  expect(await after.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  const [[key, { body }] = ['', { body: Buffer.of() }]] = [...bucket.objects]
  expect(key).toMatch(/^bucket\/test\/.*\.gz$/)
  expect(body.equals(batch.plan?.body ?? Buffer.of())).toBe(true)
})

test('retention counts from the plan', async () => {
  const sink = await open({ object_lock: { mode: 'compliance', retain: '1d' } })
  const batch = await planned(sink, s3Batch(sink, 1))
  bucket.answer = (request, response) =>
    void request.resume().on('end', () => refuse(response, 500, 'InternalError'))
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
  bucket.answer = bucket.accept
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  const [object] = bucket.objects.values()
  const until = new Date(String(object?.headers['x-amz-object-lock-retain-until-date']))
  expect(batch.plan?.detail).toMatchObject({ lock: { until: until.toISOString() } })
})

/** The server does not let the sink look until it has tried to write. */
function hide(): void {
  let written = false
  bucket.answer = (request, response) => {
    if (request.method === 'PUT') written = true
    else if (!written) return void response.writeHead(403).end()
    return bucket.accept(request, response)
  }
}

test('412 counts as accepted when the same object is there', async () => {
  const sink = await open()
  const batch = await planned(sink, s3Batch(sink, 5))
  await sink.deliver(batch, never)
  hide()
  bucket.requests.length = 0
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  expect(bucket.requests.map((request) => request.split(' ')[0])).toEqual(['HEAD', 'PUT', 'HEAD', 'HEAD'])
})

test('412 before another object is held, loudly, and only for its partition', async () => {
  const sink = await open()
  await sink.deliver(s3Batch(sink, 5, { extra: 10 }), never)
  const there = [...bucket.objects.values()][0]?.body
  hide()
  expect(await sink.deliver(s3Batch(sink, 5), never)).toMatchObject({
    kind: 'held',
    partition: true,
    reason: expect.stringMatching(/^another object is at s3:\/\/bucket\/test\/.*: \d+ bytes, not \d+\. /),
  })
  expect([...bucket.objects.values()].map(({ body }) => body)).toEqual([there])
})

test('without conditions, what cannot be looked at is not written', async () => {
  const sink = await open({ conditional: false })
  hide()
  expect(await sink.deliver(s3Batch(sink, 1), never)).toMatchObject({ kind: 'held' })
  expect(bucket.objects.size).toBe(0)
})

test('expired credentials are ridden out: the shared file is read again', async () => {
  using directory = new WorkDirectory()
  const file = directory.write(
    'credentials',
    '[audit]\naws_access_key_id = OLD\naws_secret_access_key = old\n',
  )
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
  vi.stubEnv('AWS_CONFIG_FILE', directory.at('none'))
  onTestFinished(() => void vi.unstubAllEnvs())
  const sink = await open({ credentials: undefined, profile: 'audit' })
  bucket.answer = (request, response) =>
    request.headers.authorization?.includes('Credential=NEW/')
      ? bucket.accept(request, response)
      : void request.resume().on('end', () => refuse(response, 400, 'ExpiredToken'))
  const batch = await planned(sink, s3Batch(sink, 1))
  expect(await sink.deliver(batch, never)).toMatchObject({
    kind: 'held',
    reason: expect.stringContaining('ExpiredToken'),
  })
  await writeFile(file, '[audit]\naws_access_key_id = NEW\naws_secret_access_key = new\n')
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
})

test('a secret that cannot be read holds the sink, and nothing is sent', async () => {
  const sink = await open({ credentials: { access_key: 'AK', secret_key: { file: '/there/is/none' } } })
  expect(await sink.deliver(s3Batch(sink, 1), never)).toMatchObject({
    kind: 'held',
    reason: expect.stringMatching(/^no credentials: /),
  })
  expect(bucket.requests).toEqual([])
})

test.each([true, false])(
  'a clock that is wrong here is put right by the first answer (conditional: %s)',
  async (conditional) => {
    const sink = await open({ conditional })
    const batch = await planned(sink, s3Batch(sink, 1))
    const theirs = Date.now() + 3_600_000
    const signedAt: number[] = []
    bucket.answer = (request, response) => {
      const [, date = ''] = /^(\d{8}T\d{6})Z$/.exec(String(request.headers['x-amz-date'])) ?? []
      const at = Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z'))
      signedAt.push(at)
      response.setHeader('date', new Date(theirs).toUTCString())
      if (Math.abs(at - theirs) < 900_000) return bucket.accept(request, response)
      request
        .resume()
        .on('end', () =>
          request.method === 'HEAD'
            ? response.writeHead(403).end()
            : refuse(response, 403, 'RequestTimeTooSkewed'),
        )
    }
    // An answer to HEAD has no words: writing says what it is.
    const outcomes = [await sink.deliver(batch, never), await sink.deliver(batch, never)]
    expect(signedAt[0]).toBeLessThan(theirs - 900_000)
    expect(outcomes.at(-1)).toMatchObject({ kind: 'accepted' })
  },
)

test('retention that was over before the object could be sent begins anew', async () => {
  const plannedIn = Date.now() - 3 * 86_400_000
  const late = createS3Sink({
    name: 'archive',
    config: s3SinkConfig.parse({
      type: 's3',
      bucket: 'bucket',
      object_lock: { mode: 'compliance', retain: '1d' },
    }),
    clock: { ...systemClock, now: () => plannedIn },
  })
  const batch = await planned(late, s3Batch(late, 1))
  const sink = await open({ timeout: '1s', object_lock: { mode: 'compliance', retain: '1d' } })
  bucket.answer = (request, response) => {
    const until = Date.parse(String(request.headers['x-amz-object-lock-retain-until-date']))
    return request.method === 'PUT' && until < Date.now()
      ? void request.resume().on('end', () => refuse(response, 400, 'InvalidArgument'))
      : bucket.accept(request, response)
  }
  expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  const [object] = bucket.objects.values()
  const until = Date.parse(String(object?.headers['x-amz-object-lock-retain-until-date']))
  expect(until).toBeGreaterThan(Date.now() + 86_000_000)
  expect(until).toBeLessThan(Date.now() + 87_000_000)
})

test('a bucket elsewhere holds the sink, and the reason says where it is', async () => {
  const sink = await open()
  bucket.answer = (request, response) => {
    response.setHeader('x-amz-bucket-region', 'eu-central-1')
    request.resume().on('end', () => refuse(response, 301, 'PermanentRedirect'))
  }
  expect(await sink.deliver(s3Batch(sink, 1), never)).toEqual({
    kind: 'held',
    reason: 'HTTP 301 PermanentRedirect: as asked (the bucket is in region eu-central-1)',
  })
})

test.each(['in this run', 'in the one before'])(
  'a server that is still at work on a request that was given up %s, and knows no conditions, gets no second one',
  async (when) => {
    const sink = await open({ timeout: '300ms' })
    const batch = await planned(sink, s3Batch(sink, 5))
    let puts = 0
    bucket.answer = async (request, response) => {
      if (request.method !== 'PUT') return bucket.accept(request, response)
      puts++
      delete request.headers['if-none-match']
      const body = await request.toArray()
      await new Promise((resolve) => setTimeout(resolve, 400))
      request.toArray = () => Promise.resolve(body)
      await bucket.accept(request, response)
    }
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
    const next = when === 'in this run' ? sink : await open({ timeout: '300ms' })
    expect(await next.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    expect(puts).toBe(1)
  },
)
