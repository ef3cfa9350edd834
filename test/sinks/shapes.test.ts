// Each sink that can write another shape: what arrives comes back as the lines that were sent.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import { type ShapeName, shapeNames } from '../../src/shapes/shape.ts'
import { shapes } from '../../src/shapes/shapes.ts'
import { fileSinkConfig } from '../../src/sinks/file/config.ts'
import { createFileSink } from '../../src/sinks/file/index.ts'
import { httpSinkConfig } from '../../src/sinks/http/config.ts'
import { s3SinkConfig } from '../../src/sinks/s3/config.ts'
import type { DeliveryBatch, Sink } from '../../src/sinks/sink.ts'
import { stdoutSinkConfig } from '../../src/sinks/stdout/config.ts'
import { createStdoutSink } from '../../src/sinks/stdout/index.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { batchOf, linesOf } from './batches.ts'
import { connected } from './http/destination.ts'
import { planned } from './s3/batches.ts'
import { openBucket, s3Sink } from './s3/bucket.ts'
import { HecServer } from './splunk_hec/hec-server.ts'
import { hecSink } from './splunk_hec/sink.ts'

const never = new AbortController().signal
const events = [leastEvent, fullEvent, { ...fullEvent, unmapped: { '10': 1, '9': 'é' } }]
const batchFor = ({ partition }: Pick<Sink, 'partition'>): DeliveryBatch =>
  batchOf(
    events.map((event) => ({ canonical: canonicalize(event) })),
    7,
    partition,
  )

const back = (shape: ShapeName, documents: readonly string[]): string[] =>
  documents.flatMap((document) => shapes[shape].read(JSON.parse(document)))

async function delivered(sink: Sink, batch = batchFor(sink)): Promise<string[]> {
  expect(await sink.deliver(await planned(sink, batch), never)).toMatchObject({ kind: 'accepted' })
  return linesOf(batch)
}

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-shapes-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

describe.each(shapeNames)('%s', (shape) => {
  test.each(['none', 'gzip'])('http, lines, compression %s', async (compression) => {
    const { destination, sink } = await connected({ shape, compression })
    expect(back(shape, destination.lines())).toEqual([])
    const sent = await delivered(sink)
    expect(back(shape, destination.lines())).toEqual(sent)
    expect(destination.requests[0]!.headers['content-type']).toBe('application/x-ndjson')
  })

  test('http, an array', async () => {
    const { destination, sink } = await connected({ shape, format: 'json_array' })
    const sent = await delivered(sink)
    const [{ body, headers } = { body: '', headers: undefined }] = destination.requests
    const documents = (JSON.parse(body.toString()) as unknown[]).map((each) => JSON.stringify(each))
    expect(back(shape, documents)).toEqual(sent)
    const type = shape === 'cloudevents' ? 'application/cloudevents-batch+json' : 'application/json'
    expect(headers?.['content-type']).toBe(type)
  })

  test('http, one request an event', async () => {
    const { destination, sink } = await connected({ shape, format: 'single' })
    const batch = batchFor(sink)
    expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted', taken: 1 })
    const [{ body, headers } = { body: '', headers: undefined }] = destination.requests
    expect(back(shape, [body.toString()])).toEqual(linesOf(batch).slice(0, 1))
    const type = shape === 'cloudevents' ? 'application/cloudevents+json' : 'application/json'
    expect(headers?.['content-type']).toBe(type)
  })

  test('s3', async () => {
    await using bucket = await openBucket()
    const sink = s3Sink(bucket.url, { shape })
    await sink.start()
    onTestFinished(() => sink.stop())
    const sent = await delivered(sink)
    expect(back(shape, bucket.lines())).toEqual(sent)
  })

  test.each(['event', 'raw'])('splunk_hec, endpoint %s', async (endpoint) => {
    await using hec = await HecServer.open()
    const sink = hecSink({ url: hec.url, shape, endpoint })
    await sink.start()
    onTestFinished(() => sink.stop())
    const sent = await delivered(sink)
    expect(back(shape, hec.lines)).toEqual(sent)
  })

  test('file, behind a line that a crash tore', async () => {
    const path = join(await temporary(), 'events.ndjson')
    const sink = createFileSink({
      name: 'local',
      config: fileSinkConfig.parse({ type: 'file', path, shape }),
      clock: systemClock,
    })
    await writeFile(path, `whole\n${shapes[shape].write(linesOf(batchFor(sink))[0]!).slice(0, 50)}`)
    await sink.start()
    const sent = await delivered(sink)
    await sink.stop()
    const [first, ...documents] = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
    expect(first).toBe('whole')
    expect(back(shape, documents)).toEqual(sent)
  })

  test('stdout', async () => {
    const stream = new PassThrough()
    const config = stdoutSinkConfig.parse({ type: 'stdout', shape, format: 'ndjson' })
    const sink = createStdoutSink({ name: 'terminal', config, stream })
    await sink.start()
    const sent = await delivered(sink)
    stream.end()
    expect(back(shape, (await text(stream)).split('\n').slice(0, -1))).toEqual(sent)
  })
})

test('what a shape cannot be combined with is said', () => {
  const problem = (parsed: { success: boolean; error?: { issues: readonly { message: string }[] } }) =>
    parsed.error?.issues.map(({ message }) => message)
  expect(
    problem(s3SinkConfig.safeParse({ type: 's3', bucket: 'bucket', format: 'parquet', shape: 'ecs' })),
  ).toEqual(['the columns of parquet are those of audit-event/1'])
  expect(
    problem(
      httpSinkConfig.safeParse({ type: 'http', url: 'http://x.test', format: 'cloudevents', shape: 'ocsf' }),
    ),
  ).toEqual(['format: cloudevents writes CloudEvents around events as they are'])
})
