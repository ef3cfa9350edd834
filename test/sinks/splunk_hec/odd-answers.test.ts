/** What Splunk, or what stands before it, can say beside its codes: over real sockets. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { event as small } from '../../delivery/memory-journal.ts'
import { batchOf, batchOfMany, linesOf } from '../batches.ts'
import { HecServer } from './hec-server.ts'
import { hecSink } from './sink.ts'

const never = new AbortController().signal

async function connected(config: Record<string, unknown> = {}) {
  const hec = await HecServer.open()
  const sink = hecSink({ url: hec.url, ...config })
  onTestFinished(async () => {
    await sink.stop()
    await hec[Symbol.asyncDispose]()
  })
  await sink.start()
  return { hec, sink, deliver: (batch = batchOfMany(5)) => sink.deliver(batch, never) }
}

type Reply = (response: ServerResponse, request: IncomingMessage) => void

const success = '{"text":"Success","code":0}'
const odd: Record<string, { readonly reply: Reply; readonly kind: string; readonly taken?: number }> = {
  'in chunks of a byte': {
    kind: 'accepted',
    reply: (response) => {
      for (const byte of success) response.write(byte)
      response.end()
    },
  },
  'after 1xx': {
    kind: 'accepted',
    reply: (response) => {
      response.writeEarlyHints({ link: '</x>; rel=preload' })
      response.writeProcessing()
      response.end(success)
    },
  },
  'cut in the middle': {
    kind: 'later',
    reply: (response) => {
      response.writeHead(200, { 'content-length': success.length })
      response.write(success.slice(0, -1), () => response.destroy())
    },
  },
  'cut before its last chunk': {
    kind: 'later',
    reply: (response) => response.write(success.slice(0, 20), () => response.destroy()),
  },
  'never, once the body was read': { kind: 'later', reply: (response) => void response.destroy() },
  'reset, once the body was read': { kind: 'later', reply: (_, { socket }) => void socket.resetAndDestroy() },
  empty: { kind: 'later', reply: (response) => void response.end() },
  'a 204': { kind: 'later', reply: (response) => void response.writeHead(204).end() },
  'a page': { kind: 'later', reply: (response) => void response.end('<html>Success, code 0</html>') },
  'a list': { kind: 'later', reply: (response) => void response.end(`[${success}]`) },
  'a code as text': {
    kind: 'later',
    reply: (response) => void response.end('{"text":"Success","code":"0"}'),
  },
  'no code': { kind: 'later', reply: (response) => void response.end('{"text":"Success"}') },
  '200 with code 6': {
    kind: 'later',
    reply: (response) => void response.end('{"text":"Invalid data format","code":6}'),
  },
  '200 with code 9': {
    kind: 'later',
    reply: (response) => void response.end('{"text":"Server is busy","code":9}'),
  },
  '200 with a code from the future': {
    kind: 'later',
    reply: (response) => void response.end('{"text":"?","code":99}'),
  },
  'success with a 500': { kind: 'later', reply: (response) => void response.writeHead(500).end(success) },
  'success with a 400': { kind: 'refused', reply: (response) => void response.writeHead(400).end(success) },
  'success longer than is read': {
    kind: 'later',
    reply: (response) => void response.end(`{"text":"${'x'.repeat(200_000)}","code":0}`),
  },
  'a bad event beyond the last': {
    kind: 'refused',
    reply: (response) =>
      void response.writeHead(400).end('{"text":"Invalid data format","code":6,"invalid-event-number":5}'),
  },
  'a bad event before the first': {
    kind: 'refused',
    reply: (response) =>
      void response.writeHead(400).end('{"text":"Invalid data format","code":6,"invalid-event-number":-1}'),
  },
  'the last event is bad': {
    kind: 'refused',
    taken: 4,
    reply: (response) =>
      void response.writeHead(400).end('{"text":"Invalid data format","code":6,"invalid-event-number":4}'),
  },
}

test.each(Object.entries(odd))('an answer that is %s', async (_, { reply, kind, taken }) => {
  const { hec, deliver } = await connected()
  hec.before = async (request, response) => {
    for await (const _chunk of request);
    reply(response, request)
    return true
  }
  const outcome = await deliver()
  expect(outcome.kind).toBe(kind)
  expect('taken' in outcome ? outcome.taken : undefined).toBe(taken)
  hec.before = () => false
  expect((await deliver()).kind).toBe('accepted')
})

test('an answer that drips is given up when its time is over', async () => {
  const { hec, deliver } = await connected({ timeout: '300ms' })
  hec.before = (request, response) => {
    request.resume()
    response.writeHead(200)
    const dripping = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(dripping))
    return true
  }
  const begun = performance.now()
  expect((await deliver()).kind).toBe('later')
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test('an answer without end is not read to its end', async () => {
  const { hec, deliver } = await connected()
  let written = 0
  const closed = Promise.withResolvers<void>()
  hec.before = (request, response) => {
    request.resume()
    response.writeHead(500)
    const piece = Buffer.alloc(64 * 1024, 'x')
    const more = () => {
      // One piece at a time: who does not read must not fill this server's memory.
      if (response.destroyed || written >= 256 * 1024 ** 2) return void response.end()
      written += piece.length
      if (response.write(piece)) setImmediate(more)
    }
    response.on('drain', more)
    response.on('close', () => closed.resolve())
    more()
    return true
  }
  const outcome = await deliver()
  expect(outcome).toEqual({ kind: 'later', reason: expect.stringMatching(/^HTTP 500: x{200}$/) })
  await closed.promise
  expect(written).toBeLessThan(64 * 1024 ** 2)
})

const events = (...extras: string[]) => extras.map((extra, n) => small(n, extra))

test('times that Splunk does not know are left to the event', async () => {
  const { hec, deliver } = await connected()
  const times = [
    '1970-01-01T00:00:00.000000001Z',
    '1969-12-31T23:59:59.500000000Z',
    '9999-12-31T23:59:59.000000000Z',
  ]
  const batch = batchOf(events(...times.map((time) => `,"time":"${time}"`), ',"time":"yesterday"', ''))
  expect((await deliver(batch)).kind).toBe('accepted')
  expect(hec.lines).toEqual(linesOf(batch))
  expect(hec.indexed.map(({ time }) => time)).toEqual(['0.000000001', '', '253402300799.000000000', '', ''])
})

test('a wrong index behind good ones: those before it are not sent again', async () => {
  const { hec, deliver } = await connected()
  hec.before = async (request, response) => {
    for await (const _ of request);
    response
      .writeHead(400)
      .end(JSON.stringify({ text: 'Incorrect index', code: 7, 'invalid-event-number': 3 }))
    return true
  }
  expect(await deliver()).toEqual({ kind: 'held', reason: 'HTTP 400, code 7: Incorrect index', taken: 3 })
})

test('a health page that is not for everybody keeps no endpoint out', async () => {
  const dead = await HecServer.open()
  const { port, url } = dead
  await dead[Symbol.asyncDispose]()
  const sink = hecSink({ url })
  await sink.start()
  onTestFinished(() => sink.stop())
  for (let n = 0; n < 5; n++) expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('later')
  for (const status of [401, 403, 302]) {
    const again = createServer((request, response) => {
      const health = request.method === 'GET'
      request
        .resume()
        .on('end', () =>
          response.writeHead(health ? status : 200).end(health ? '' : '{"text":"Success","code":0}'),
        )
    }).listen(port, '127.0.0.1')
    await once(again, 'listening')
    await expect
      .poll(async () => (await sink.deliver(batchOfMany(1), never)).kind, { timeout: 10_000 })
      .toBe('accepted')
    again.closeAllConnections()
    again.close()
    await once(again, 'close')
    for (let n = 0; n < 6; n++) expect((await sink.deliver(batchOfMany(1), never)).kind).toBe('later')
  }
})

test('an answer to a token that has been replaced meanwhile does not bring it into a reason', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'affiant-hec-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'token')
  await writeFile(file, 'the-old-token')
  const { hec, sink } = await connected({ token: { file } })
  const waiting: (() => void)[] = []
  const tokens: (string | undefined)[] = []
  hec.before = (request, response) => {
    tokens.push(request.headers.authorization)
    const said = JSON.stringify({ code: 9, text: `busy, ${request.headers.authorization}` })
    waiting.push(() => void response.writeHead(503).end(said))
    return true
  }
  const first = sink.deliver(batchOfMany(1), never)
  await expect.poll(() => waiting.length).toBe(1)
  await writeFile(file, 'the-new-token!')
  await expect
    .poll(async () => {
      const stop = new AbortController()
      const sent = hec.requests
      const outcome = sink.deliver(batchOfMany(1), stop.signal)
      // None comes while the circuit is open: then it is tried again.
      await expect.poll(() => hec.requests, { timeout: 500 }).toBe(sent + 1)
      waiting.at(-1)!()
      return (await outcome).kind === 'later' && tokens.at(-1)
    })
    .toBe('Splunk the-new-token!')
  waiting[0]!()
  expect(await first).toEqual({
    kind: 'later',
    overloaded: true,
    reason: 'HTTP 503, code 9: busy, Splunk ***',
  })
})
