import { appendFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Sink } from '../../../src/sinks/sink.ts'
import { startAgent, WorkDirectory } from '../../e2e/agent-process.ts'
import { until } from '../../e2e/until.ts'
import { rowsOf } from '../../parquet/read-parquet.ts'
import { linesOf } from '../batches.ts'
import { planned, s3Batch } from './batches.ts'
import { type Bucket, openBucket, s3Sink } from './bucket.ts'

const never = new AbortController().signal

let bucket: Bucket
beforeEach(async () => {
  bucket = await openBucket()
})
afterEach(() => bucket[Symbol.asyncDispose]())

async function open(options: Record<string, unknown>): Promise<Sink> {
  const sink = s3Sink(bucket.url, { format: 'parquet', ...options })
  await sink.start()
  onTestFinished(() => sink.stop())
  return sink
}

test.each(['none', 'gzip', 'zstd'])(
  'an object is a table of its events, pages compressed by %s',
  async (compression) => {
    const sink = await open({ compression })
    const batch = await planned(sink, s3Batch(sink, 300, { firstSeq: 7 }))
    expect(await sink.deliver(batch, never)).toEqual({ kind: 'accepted', released: true })
    const [[key, object] = []] = [...bucket.objects]
    expect(key).toBe('bucket/test/2026-05-01/10/000001-0000000000000007-0000000000000306.parquet')
    expect(object?.headers).toMatchObject({
      'content-type': 'application/vnd.apache.parquet',
      'x-amz-meta-affiant-events': '300',
    })
    expect(object?.headers['content-encoding']).toBeUndefined()
    const rows = await rowsOf(object?.body ?? Buffer.of())
    expect(rows.map(({ event }) => event)).toEqual(linesOf(batch))
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from(batch.seqs, BigInt))
  },
)

test('batches at once, one that was not planned, and one after a stop', async () => {
  const sink = await open({ key: '{range}' })
  const batches = [1, 2, 3, 4].map((n) => s3Batch(sink, 50 * n, { firstSeq: 1000 * n }))
  const outcomes = await Promise.all(batches.map((batch) => sink.deliver(batch, never)))
  await sink.stop()
  await sink.start()
  const late = s3Batch(sink, 9)
  outcomes.push(await sink.deliver(late, never))
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill('accepted'))
  const tables = await Promise.all([...bucket.objects.values()].map(({ body }) => rowsOf(body)))
  const events = tables.flat().map(({ event }) => event)
  expect(events.map(String).toSorted()).toEqual([...batches, late].flatMap(linesOf).toSorted())
})

test('the same batch is the same object, planned by whichever run', async () => {
  const before = await open({})
  const after = await open({})
  const batch = s3Batch(before, 200)
  const [one, other] = [await planned(before, batch), await planned(after, batch)]
  expect(one.plan).toEqual(other.plan)
  await before.deliver(one, never)
  expect(await after.deliver(other, never)).toMatchObject({ kind: 'accepted' })
  expect(bucket.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1)
})

test('an agent with config/s3-parquet.yaml archives every line, and a restart adds none', {
  timeout: 60_000,
}, async () => {
  using directory = new WorkDirectory()
  const env = {
    HOSTNAME: 'gate',
    AFFIANT_DATA: directory.at('data'),
    AFFIANT_LOGS: directory.path,
    AFFIANT_TELEMETRY: '127.0.0.1:0',
    S3_BUCKET: 'bucket',
    S3_ENDPOINT: bucket.url,
    S3_REGION: 'us-east-1',
    S3_EVERY: '100ms',
    AWS_ACCESS_KEY_ID: 'AKTEST',
    AWS_SECRET_ACCESS_KEY: 'SKTEST',
  }
  const lines = Array.from({ length: 300 }, (_, index) => {
    const time = `2026-05-01T${10 + (index % 3)}:00:00Z`
    return `{"time":"${time}","action":"invoice.approve","actor":"u_${index}"}\n`
  })
  const actors = async () => {
    const tables = await Promise.all([...bucket.objects.values()].map(({ body }) => rowsOf(body)))
    return tables.flat().flatMap(({ action, actor_id }) => (action === 'invoice.approve' ? [actor_id] : []))
  }
  for (const count of [150, 300]) {
    appendFileSync(directory.at('audit.log'), lines.slice(count - 150, count).join(''))
    await using agent = startAgent('config/s3-parquet.yaml', [], { env })
    await agent.ready()
    await until(
      'every line is archived',
      async () => (await actors()).length >= count,
      () => agent.stderr,
    )
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)
  }
  const wanted = lines.map((_, index) => `u_${index}`)
  expect((await actors()).map(String).toSorted()).toEqual(wanted.toSorted())
  const keys = [...bucket.objects.keys()]
  for (const hour of ['10', '11', '12']) {
    const folder = `bucket/date=2026-05-01/hour=${hour}/gate-`
    expect(keys.filter((key) => key.startsWith(folder) && key.endsWith('.parquet'))).not.toEqual([])
  }
})
