/** Elsewhere a batch that is too large is dropped whole. Here it is halved down to the one event that does not fit. */
import { expect, onTestFinished, test } from 'vitest'
import type { Journal } from '../../src/journal/contract.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { range } from '../delivery/scripted-sink.ts'
import { open, temporaryDirectory } from '../journal/journal-directory.ts'
import { connected } from '../sinks/http/destination.ts'
import { bodiesOf, openGrpcCollector, openHttpCollector } from '../sinks/otlp/collector.ts'
import { otlpSink } from '../sinks/otlp/sink.ts'
import { HecServer } from '../sinks/splunk_hec/hec-server.ts'
import { hecSink } from '../sinks/splunk_hec/sink.ts'
import { append, delivering, lettersOf, numbersIn } from './delivering.ts'

/** A hundred events, of which one is larger than the destination takes, however few come with it. */
async function deliverAll(sink: Sink): Promise<Awaited<ReturnType<typeof lettersOf>>> {
  await using directory = await temporaryDirectory()
  await using journal: Journal = await open(directory.path)
  await append(journal, 0, 100, (n) => (n === 63 ? 'x'.repeat(4000) : ''))
  const delivery = await delivering(journal, directory.path, sink)
  await delivery.settledThrough(100, AbortSignal.timeout(15_000))
  await delivery.stop(0)
  return await lettersOf(directory.path, sink.name)
}

const allBut63 = range(0, 100).filter((n) => n !== 63)
const inOrder = (lines: readonly string[]) => numbersIn(lines).toSorted((a, b) => a - b)

test('http, 413: the event that is too large is a dead letter, all others are delivered once', async () => {
  const { destination, sink } = await connected()
  const accept = destination.answer
  destination.answer = async (request, response) => {
    if (Number(request.headers['content-length']) <= 3500) return await accept(request, response)
    request.resume().on('end', () => response.writeHead(413).end())
  }
  expect(await deliverAll(sink)).toEqual([
    expect.objectContaining({
      reason: expect.stringContaining('413'),
      event: expect.objectContaining({ n: 63 }),
    }),
  ])
  expect(inOrder(destination.lines())).toEqual(allBut63)
})

test('splunk_hec, 413: the same', async () => {
  const hec = await HecServer.open()
  onTestFinished(() => hec[Symbol.asyncDispose]())
  hec.before = (request, response) => {
    if (Number(request.headers['content-length']) <= 3500) return false
    request.resume().on('end', () => response.writeHead(413).end('Content-Length is too large'))
    return true
  }
  const letters = await deliverAll(hecSink({ url: hec.url, compression: 'none' }))
  expect(letters.map(({ event }) => event.n)).toEqual([63])
  expect(inOrder(hec.lines)).toEqual(allBut63)
})

test('otlp over HTTP, 413: the same', async () => {
  const collector = await openHttpCollector()
  onTestFinished(collector.close)
  collector.before = (request, response) => {
    if (Number(request.headers['content-length']) <= 3500) return false
    request.resume().on('end', () => response.writeHead(413).end())
    return true
  }
  const letters = await deliverAll(otlpSink({ url: collector.url, compression: 'none' }))
  expect(letters.map(({ event }) => event.n)).toEqual([63])
  expect(inOrder(bodiesOf(collector))).toEqual(allBut63)
})

test("otlp over gRPC, RESOURCE_EXHAUSTED by the server's own limit: the same", async () => {
  const collector = await openGrpcCollector({ maxBytes: 3500 })
  onTestFinished(collector.close)
  const sink = otlpSink({ url: collector.url, protocol: 'grpc', compression: 'none' })
  const letters = await deliverAll(sink)
  expect(letters).toEqual([
    expect.objectContaining({
      reason: expect.stringContaining('RESOURCE_EXHAUSTED'),
      event: expect.objectContaining({ n: 63 }),
    }),
  ])
  expect(inOrder(bodiesOf(collector))).toEqual(allBut63)
})
