/** The `s3` sink against a Ceph object store: what was accepted is there, once, and stays. */

import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { s3SinkConfig } from '../../src/sinks/s3/config.ts'
import { createS3Sink } from '../../src/sinks/s3/index.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { openEngine } from '../parquet/duckdb.ts'
import { planned, s3Batch } from '../sinks/s3/batches.ts'
import { type Ceph, startCeph } from './ceph.ts'
import { peerScript } from './peers.ts'

const script = peerScript('ceph-rgw.sh')
const never = new AbortController().signal

describe.skipIf(script === undefined)('s3 against Ceph', () => {
  let ceph: Ceph
  let client: S3Client
  beforeAll(async () => {
    ceph = await startCeph(script ?? '')
    const { endpoint, accessKey: accessKeyId, secretKey: secretAccessKey } = ceph
    client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
  })
  afterAll(async () => {
    client?.destroy()
    await ceph?.[Symbol.asyncDispose]()
  })

  async function makeBucket({ locked = false } = {}): Promise<string> {
    const Bucket = `b-${randomUUID()}`
    await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: locked }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    if (!locked) await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    return Bucket
  }

  async function openSink(bucket: string, options: Record<string, unknown> = {}): Promise<Sink> {
    const config = s3SinkConfig.parse({
      type: 's3',
      bucket,
      endpoint: ceph.endpoint,
      credentials: { access_key: ceph.accessKey, secret_key: ceph.secretKey },
      ...options,
    })
    const sink = createS3Sink({ name: 'archive', config, clock: systemClock })
    await sink.start()
    onTestFinished(() => sink.stop())
    return sink
  }

  /** Every version of every object: who writes twice is seen. */
  async function versionsIn(Bucket: string): Promise<{ key: string; version: string | undefined }[]> {
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }))
    return Versions.map(({ Key = '', VersionId }) => ({ key: Key, version: VersionId }))
  }

  async function read(Bucket: string, Key: string): Promise<Buffer> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }

  for (const checksum of ['crc32c', 'sha256'] as const) {
    test(`batches are objects, equal in every byte (${checksum})`, async () => {
      const bucket = await makeBucket()
      const sink = await openSink(bucket, { checksum, tags: { team: 'audit' } })
      const batches = [s3Batch(sink, 1), s3Batch(sink, 500, { firstSeq: 1, extra: 300 })]
      for (const batch of batches) {
        expect(await sink.deliver(await planned(sink, batch), never)).toMatchObject({ kind: 'accepted' })
      }
      const versions = await versionsIn(bucket)
      expect(versions.map(({ key }) => key.replace(/^[^/]*/, ''))).toEqual([
        '/2026-05-01/10/000001-0000000000000000-0000000000000000.ndjson.gz',
        '/2026-05-01/10/000001-0000000000000001-0000000000000500.ndjson.gz',
      ])
      for (const [index, { key }] of versions.entries()) {
        expect(gunzipSync(await read(bucket, key)).equals(batches[index]!.lines)).toBe(true)
      }
    })
  }

  test('an answer that is lost makes no second object', async () => {
    const bucket = await makeBucket()
    await using proxy = await FaultProxy.open(() => Number(new URL(ceph.endpoint).port))
    const sink = await openSink(bucket, { endpoint: `http://127.0.0.1:${proxy.port}` })
    const batch = await planned(sink, s3Batch(sink, 100))
    await proxy.become({ kind: 'cut', way: 'answer', after: 0, method: 'PUT' })
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'later' })
    expect(proxy.lostAnswers).toBe(1)
    await expect.poll(() => versionsIn(bucket)).toHaveLength(1)
    await proxy.become({ kind: 'none' })
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    const versions = await versionsIn(bucket)
    expect(versions).toHaveLength(1)
    expect(gunzipSync(await read(bucket, versions[0]!.key)).equals(batch.lines)).toBe(true)
  })

  for (const conditional of [true, false]) {
    test(`a range is one object, however often it is sent (conditional: ${conditional})`, async () => {
      const bucket = await makeBucket()
      const sink = await openSink(bucket, { conditional })
      const batch = await planned(sink, s3Batch(sink, 10))
      for (let attempt = 0; attempt < 3; attempt++) {
        expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
      }
      expect(await versionsIn(bucket)).toHaveLength(1)
    })

    test(`what another wrote is neither overwritten nor taken for ours (conditional: ${conditional})`, async () => {
      const bucket = await makeBucket()
      const sink = await openSink(bucket, { conditional, key: 'there/{range}' })
      const Key = 'there/000001-0000000000000000-0000000000000009.ndjson.gz'
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'theirs' }))
      expect(await sink.deliver(await planned(sink, s3Batch(sink, 10)), never)).toMatchObject({
        kind: 'held',
        reason: expect.stringContaining(`another object is at s3://${bucket}/${Key}`),
      })
      expect((await read(bucket, Key)).toString()).toBe('theirs')
      expect(await versionsIn(bucket)).toHaveLength(1)
    })
  }

  test('this server knows If-None-Match, but not in buckets with versions: why the sink looks', async () => {
    const versioned = await makeBucket()
    const Bucket = `b-${randomUUID()}`
    await client.send(new CreateBucketCommand({ Bucket }))
    const put = (to: string) =>
      client.send(new PutObjectCommand({ Bucket: to, Key: 'k', Body: 'x', IfNoneMatch: '*' }))
    await put(Bucket)
    await expect(put(Bucket)).rejects.toMatchObject({ name: 'PreconditionFailed' })
    await put(versioned)
    await put(versioned)
    expect(await versionsIn(versioned)).toHaveLength(2)
  })

  test('what Object Lock keeps cannot be deleted', async () => {
    const bucket = await makeBucket({ locked: true })
    const sink = await openSink(bucket, { object_lock: { mode: 'compliance', retain: '1d' } })
    const begun = Date.now()
    expect(await sink.deliver(await planned(sink, s3Batch(sink, 10)), never)).toMatchObject({
      kind: 'accepted',
    })
    const [object] = await versionsIn(bucket)
    const place = { Bucket: bucket, Key: object!.key, VersionId: object!.version }
    const { Retention } = await client.send(new GetObjectRetentionCommand(place))
    expect(Retention?.Mode).toBe('COMPLIANCE')
    expect(Retention?.RetainUntilDate?.getTime()).toBeGreaterThan(begun + 86_000_000)
    await expect(client.send(new DeleteObjectCommand(place))).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(await versionsIn(bucket)).toEqual([object])
  })

  test('a bucket without Object Lock, or none at all, holds the sink', async () => {
    const lock = { object_lock: { mode: 'governance', retain: '1d' } }
    const unlocked = await openSink(await makeBucket(), lock)
    expect(await unlocked.deliver(s3Batch(unlocked, 1), never)).toMatchObject({ kind: 'held' })
    const nowhere = await openSink('there-is-none')
    expect(await nowhere.deliver(s3Batch(nowhere, 1), never)).toMatchObject({
      kind: 'held',
      reason: expect.stringContaining('NoSuchBucket'),
    })
  })

  test('a large object goes in parts, once', async () => {
    const bucket = await makeBucket()
    const sink = await openSink(bucket, {
      compression: 'none',
      multipart: { threshold: '5MiB', part_size: '5MiB' },
    })
    const batch = await planned(sink, s3Batch(sink, 1200, { extra: 10_000 }))
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
    const versions = await versionsIn(bucket)
    expect(versions).toHaveLength(1)
    expect((await read(bucket, versions[0]!.key)).equals(batch.lines)).toBe(true)
  })

  test('an upload in parts that fails leaves none', async () => {
    const bucket = await makeBucket()
    const sink = await openSink(bucket, {
      compression: 'none',
      multipart: { threshold: '5MiB', part_size: '5MiB' },
    })
    const stop = new AbortController()
    const delivered = sink.deliver(await planned(sink, s3Batch(sink, 1200, { extra: 10_000 })), stop.signal)
    const uploads = async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []
    await until(
      'an upload has begun',
      async () => (await uploads()).length > 0 || (await versionsIn(bucket)).length > 0,
    )
    stop.abort(new Error('the agent stops'))
    await delivered
    expect(await uploads()).toEqual([])
  })

  test('a wrong secret is held; once its file is right, batches pass', async () => {
    using directory = new WorkDirectory()
    const bucket = await makeBucket()
    const file = directory.write('secret', 'WRONGWRONG')
    const credentials = { access_key: ceph.accessKey, secret_key: { file } }
    const sink = await openSink(bucket, { credentials })
    const batch = await planned(sink, s3Batch(sink, 10))
    expect(await sink.deliver(batch, never)).toMatchObject({
      kind: 'held',
      reason: expect.stringContaining('SignatureDoesNotMatch'),
    })
    await writeFile(file, `${ceph.secretKey}\n`)
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
  })

  test('an agent with config/s3-parquet.yaml: its objects are one table of every line, and a restart adds none', async () => {
    using directory = new WorkDirectory()
    using engine = await openEngine()
    const bucket = await makeBucket()
    const env = {
      HOSTNAME: 'gate',
      AFFIANT_DATA: directory.at('data'),
      AFFIANT_LOGS: directory.path,
      AFFIANT_TELEMETRY: '127.0.0.1:0',
      S3_BUCKET: bucket,
      S3_ENDPOINT: ceph.endpoint,
      S3_REGION: 'us-east-1',
      S3_EVERY: '200ms',
      AWS_ACCESS_KEY_ID: ceph.accessKey,
      AWS_SECRET_ACCESS_KEY: ceph.secretKey,
    }
    const lines = Array.from({ length: 300 }, (_, index) => {
      const time = `2026-05-01T${10 + (index % 3)}:00:${String(index % 60).padStart(2, '0')}.123456789Z`
      return `{"time":"${time}","action":"invoice.approve","actor":"u_${index}"}\n`
    })
    const table = `read_parquet('${directory.at('copy/**/*.parquet')}', hive_partitioning = true)`
    const copied = new Set<string>()
    const count = async () => {
      const versions = await versionsIn(bucket)
      expect(new Set(versions.map(({ key }) => key)).size).toBe(versions.length)
      for (const { key } of versions) {
        if (copied.has(key)) continue
        directory.write(`copy/${key}`, await read(bucket, key))
        copied.add(key)
      }
      if (copied.size === 0) return 0
      const [row] = await engine.rows(`select count(*) as n from ${table} where action = 'invoice.approve'`)
      return Number(row?.n)
    }
    for (const wanted of [150, 300]) {
      appendFileSync(directory.at('audit.log'), lines.slice(wanted - 150, wanted).join(''))
      await using agent = startAgent('config/s3-parquet.yaml', [], { env })
      await agent.ready()
      await until(
        'every line is archived',
        async () => (await count()) >= wanted,
        () => agent.stderr,
      )
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
      expect(await count()).toBe(wanted)
    }
    const found = await engine.rows(
      `select count(distinct actor_id) as actors, count(distinct seq) as seqs, min(time) as first, max(time) as last, hour
       from ${table} where action = 'invoice.approve' and date = '2026-05-01' group by hour order by hour`,
    )
    expect(found).toEqual(
      ['10', '11', '12'].map((hour, index) => ({
        actors: '100',
        seqs: '100',
        first: `2026-05-01 ${hour}:00:0${index}.123456+00`,
        last: `2026-05-01 ${hour}:00:5${index + 7}.123456+00`,
        hour,
      })),
    )
  })

  test('an agent with config/s3.yaml archives every line, and a restart adds none', async () => {
    using directory = new WorkDirectory()
    const bucket = await makeBucket({ locked: true })
    const env = {
      HOSTNAME: 'gate',
      AFFIANT_DATA: directory.at('data'),
      AFFIANT_LOGS: directory.path,
      AFFIANT_TELEMETRY: '127.0.0.1:0',
      S3_BUCKET: bucket,
      S3_ENDPOINT: ceph.endpoint,
      S3_REGION: 'us-east-1',
      S3_EVERY: '200ms',
      AWS_ACCESS_KEY_ID: ceph.accessKey,
      AWS_SECRET_ACCESS_KEY: ceph.secretKey,
    }
    const lines = Array.from({ length: 300 }, (_, index) => {
      const time = `2026-05-01T${10 + (index % 3)}:00:00Z`
      return `{"time":"${time}","action":"invoice.approve","actor":"u_${index}"}\n`
    })
    const actors = async () => {
      const versions = await versionsIn(bucket)
      expect(new Set(versions.map(({ key }) => key)).size).toBe(versions.length)
      const texts = await Promise.all(versions.map(({ key }) => read(bucket, key)))
      return texts
        .flatMap((bytes) => zstdDecompressSync(bytes).toString().trimEnd().split('\n'))
        .filter((line) => line.includes('"invoice.approve"'))
    }
    for (const part of [lines.slice(0, 150), lines.slice(150)]) {
      appendFileSync(directory.at('audit.log'), part.join(''))
      await using agent = startAgent('config/s3.yaml', [], { env })
      await agent.ready()
      const wanted = lines.indexOf(part.at(-1) ?? '') + 1
      await until(
        'every line is archived',
        async () => (await actors()).length >= wanted,
        () => agent.stderr,
      )
      expect(await actors()).toHaveLength(wanted)
      agent.signal('SIGTERM')
      expect((await agent.result()).code).toBe(0)
    }
    const keys = (await versionsIn(bucket)).map(({ key }) => key)
    for (const hour of ['10', '11', '12']) {
      expect(keys.filter((key) => key.startsWith(`gate/2026-05-01/${hour}/`))).not.toEqual([])
    }
  })
})
