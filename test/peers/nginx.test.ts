/** The `http` sink and nginx: TLS with certificates on both sides, a proxy that goes away, files by WebDAV. */
import { appendFileSync, copyFileSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Unroutable } from '../../src/sinks/sink.ts'
import { startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { until } from '../e2e/until.ts'
import { batchOfMany, linesOf } from '../sinks/batches.ts'
import { type HttpDestination, httpSink, openHttpDestination } from '../sinks/http/destination.ts'
import { hasNginx, type Nginx, prepareNginx } from './nginx.ts'

const viewOf = (id: string) => ({ payload: Buffer.alloc(0), start: 0, end: 0, event: { actor: { id } } })
const never = new AbortController().signal

describe.skipIf(!hasNginx())('nginx', () => {
  let upstream: HttpDestination
  let nginx: Nginx
  beforeAll(async () => {
    upstream = await openHttpDestination()
    nginx = await prepareNginx(new URL(upstream.url).origin)
    await nginx.start()
  })
  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]()
    await upstream?.close()
  })

  async function openSink(options: Record<string, unknown> = {}) {
    const { cert, key } = nginx.client
    const tls = { ca: nginx.server.cert, cert, key }
    const sink = httpSink({ url: `${nginx.origin}/audit`, tls, ...options })
    onTestFinished(() => sink.stop())
    await sink.start()
    upstream.requests.length = 0
    return sink
  }

  for (const compression of ['none', 'gzip', 'zstd']) {
    test(`events arrive equal in every byte (${compression})`, async () => {
      const sink = await openSink({ compression })
      // More than nginx keeps of a body in memory.
      const batch = batchOfMany(1000, { extra: 500 })
      expect(await sink.deliver(batch, never)).toMatchObject({ kind: 'accepted' })
      expect(upstream.lines()).toEqual(linesOf(batch))
    })
  }

  test('WebDAV: each event is a file', async () => {
    const sink = await openSink({
      url: `${nginx.origin}/dav/{actor.id}.json`,
      method: 'PUT',
      format: 'single',
    })
    const batch = batchOfMany(1)
    // nginx decodes %2F, and resolves what it then reads.
    for (const [id, file] of [
      ['u_1', 'u_1.json'],
      ['é/..x', 'é/..x.json'],
    ] as const) {
      const partition = sink.partition?.(viewOf(id), undefined)
      if (typeof partition !== 'string') throw new Error('no partition')
      expect(await sink.deliver({ ...batch, partition }, never)).toMatchObject({ kind: 'accepted' })
      expect(await readFile(join(nginx.files, file), 'utf8')).toBe(linesOf(batch)[0])
    }
    expect(sink.partition?.(viewOf('../../audit'), undefined)).toBeInstanceOf(Unroutable)
  })

  test('a certificate that it does not know, or none: nothing is refused for it, and the reason says so', async () => {
    const { cert, key } = nginx.stranger
    const ca = nginx.server.cert
    for (const [tls, reason] of [
      [{ ca, cert, key }, /^HTTP 400: .*The SSL certificate error/],
      [{ ca }, /^HTTP 400: .*No required SSL certificate was sent/],
    ] as const) {
      const sink = await openSink({ tls })
      expect(await sink.deliver(batchOfMany(3), never)).toEqual({
        kind: 'held',
        reason: expect.stringMatching(reason),
      })
    }
    const plain = await openSink({ url: `${nginx.origin.replace('https', 'http')}/audit`, tls: undefined })
    expect(await plain.deliver(batchOfMany(3), never)).toMatchObject({ kind: 'held' })
    const distrusting = await openSink({ tls: { ca: nginx.stranger.cert } })
    expect(await distrusting.deliver(batchOfMany(3), never)).toMatchObject({
      kind: 'later',
      reason: expect.stringMatching(/certificate/),
    })
    expect(upstream.requests).toEqual([])
  })

  test('a body over its limit is refused, and one without a receiver behind it comes later', async () => {
    const sink = await openSink()
    expect(await sink.deliver(batchOfMany(1000, { extra: 1500 }), never)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/^HTTP 413/),
    })
    upstream.answer = (request) => void request.destroy()
    onTestFinished(() => {
      upstream.answer = (request, response) => upstream.accept(request, response)
    })
    expect(await sink.deliver(batchOfMany(3), never)).toMatchObject({
      kind: 'later',
      reason: expect.stringMatching(/^HTTP 502/),
    })
  })

  test('an agent with config/http-mtls.yaml: nginx goes and comes again, and no line is missing', async () => {
    using directory = new WorkDirectory()
    mkdirSync(directory.at('tls'))
    for (const [from, to] of [
      [nginx.server.cert, 'ca.pem'],
      [nginx.client.cert, 'client.pem'],
      [nginx.client.key, 'client-key.pem'],
    ] as const) {
      copyFileSync(from, directory.at('tls', to))
    }
    upstream.requests.length = 0
    const lines = Array.from(
      { length: 400 },
      (_, index) => `{"time":"2026-05-01T10:00:00Z","action":"invoice.approve","actor":"u_${index}"}\n`,
    )
    const env = {
      HOSTNAME: 'gate',
      AFFIANT_DATA: directory.at('data'),
      AFFIANT_LOGS: directory.path,
      AFFIANT_TELEMETRY: '127.0.0.1:0',
      AFFIANT_TLS: directory.at('tls'),
      COLLECTOR_URL: `${nginx.origin}/audit`,
    }
    const arrived = () =>
      upstream
        .lines()
        .flatMap((line) => /"actor":\{[^}]*"id":"(u_\d+)"/.exec(line)?.[1] ?? [])
        .toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
    await using agent = startAgent('config/http-mtls.yaml', [], { env })
    await agent.ready()
    appendFileSync(directory.at('audit.log'), lines.slice(0, 100).join(''))
    await until(
      'the first lines',
      () => arrived().length >= 100,
      () => agent.stderr,
    )
    await nginx.stop()
    appendFileSync(directory.at('audit.log'), lines.slice(100).join(''))
    await until(
      'the fault is told',
      () => agent.stderr.includes('ECONNREFUSED'),
      () => agent.stderr,
    )
    await nginx.start()
    await until(
      'all lines',
      () => new Set(arrived()).size >= lines.length,
      () => agent.stderr,
    )
    // Each once: nginx had answered for all that it had passed on.
    expect(arrived()).toEqual(lines.map((_, index) => `u_${index}`))
    agent.signal('SIGTERM')
    expect((await agent.result()).code).toBe(0)
  })
})
