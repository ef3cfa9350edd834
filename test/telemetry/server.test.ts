import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { AffiantError } from '../../src/errors.ts'
import { silentLog } from '../../src/telemetry/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import {
  createTelemetryServer,
  type TelemetryServer,
  type TelemetryServerOptions,
} from '../../src/telemetry/server.ts'
import { version } from '../../src/version.ts'

const running: TelemetryServer[] = []
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())))

async function serve(options: Partial<TelemetryServerOptions> = {}) {
  const server = createTelemetryServer({
    listen: { host: '127.0.0.1', port: 0 },
    metrics: createMetrics(),
    readiness: () => ({ ready: true, reasons: [] }),
    log: silentLog,
    ...options,
  })
  running.push(server)
  await server.start()
  return {
    server,
    ask: async (path: string, init?: RequestInit) => {
      const answer = await fetch(`http://${server.address}${path}`, init)
      return { answer, text: await answer.text() }
    },
  }
}

describe('telemetry', () => {
  test('/healthz says that the process answers, ready or not', async () => {
    const { ask } = await serve({ readiness: () => ({ ready: false, reasons: [] }) })
    const { answer, text } = await ask('/healthz')
    expect(answer.status).toBe(200)
    expect(JSON.parse(text)).toEqual({ status: 'ok', version, uptime_seconds: expect.any(Number) })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await ask('/healthz', { method: 'HEAD' })).answer.status).toBe(200)
  })

  test('/readyz follows the report, and says why', async () => {
    let report = { ready: true, reasons: [] as { component: string; message: string }[] }
    const { ask } = await serve({ readiness: () => report })
    const ready = await ask('/readyz')
    expect([ready.answer.status, JSON.parse(ready.text)]).toEqual([200, report])
    report = { ready: false, reasons: [{ component: 'journal', message: 'full since 12:00' }] }
    const busy = await ask('/readyz')
    expect([busy.answer.status, JSON.parse(busy.text)]).toEqual([503, report])
  })

  test('reports of others are answered as JSON, and named to whoever asks for what is not there', async () => {
    const { ask } = await serve({ reports: { '/files': async () => ({ files: [] }) } })
    const { answer, text } = await ask('/files')
    expect([answer.status, answer.headers.get('content-type'), text]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
      '{"files":[]}',
    ])
    expect((await ask('/files', { method: 'POST' })).answer.status).toBe(405)
    expect((await ask('/nothing')).text).toContain('/metrics, /files')
  })

  test('/metrics is the registry, brought up to date first', async () => {
    const metrics = createMetrics()
    const { ask } = await serve({ metrics, beforeScrape: () => metrics.journalBytes.set(4096) })
    metrics.recordsRead.inc({ receiver: 'app' }, 212)
    const { answer, text } = await ask('/metrics?x=1')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(text).toContain('affiant_receiver_records_total{receiver="app"} 212\n')
    expect(text).toContain('affiant_journal_bytes 4096\n')
    expect(text).toMatch(/^process_cpu_seconds_total [\d.]+$/m)
    expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d{6,}$/m)
    expect(text).toMatch(/^process_open_fds [1-9]\d*$/m)
  })

  test('processor time only grows from scrape to scrape', async () => {
    const { ask } = await serve()
    const seconds = async () =>
      Number(/^process_cpu_seconds_total ([\d.]+)$/m.exec((await ask('/metrics')).text)?.[1])
    const before = await seconds()
    const after = await seconds()
    expect(before).toBeGreaterThan(0)
    expect(after).toBeGreaterThanOrEqual(before)
    expect(after).toBeLessThan(before + 5)
  })

  test.each([
    ['GET', '/', 404, 'not_found', null],
    ['GET', '/metrics/', 404, 'not_found', null],
    ['POST', '/nothing', 404, 'not_found', null],
    ['POST', '/metrics', 405, 'method_not_allowed', 'GET, HEAD'],
    ['DELETE', '/healthz?x=1', 405, 'method_not_allowed', 'GET, HEAD'],
    ['GET', '/%zz', 400, 'bad_request', null],
  ])('%s %s → %d %s, as problem details', async (method, path, status, code, allow) => {
    const { ask } = await serve()
    const body = method === 'POST' ? { body: '{', headers: { 'content-type': 'application/json' } } : {}
    const { answer, text } = await ask(path, { method, ...body })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(answer.headers.get('allow')).toBe(allow)
    expect(JSON.parse(text)).toMatchObject({
      type: `urn:affiant:error:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
    })
  })

  test('a defect is answered and logged, not passed on', async () => {
    const { ask } = await serve({
      readiness: () => {
        throw new Error('secret detail')
      },
    })
    const { answer, text } = await ask('/readyz')
    expect(answer.status).toBe(500)
    expect(text).not.toContain('secret')
    expect(JSON.parse(text).type).toBe('urn:affiant:error:internal')
  })

  test('on every address there are probes of both families', async () => {
    const { server } = await serve({ listen: { host: '::', port: 0 } })
    expect(server.address).toMatch(/^\[::\]:\d+$/)
    const port = server.address.slice('[::]:'.length)
    const has6 = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ family }) => family === 'IPv6'),
    )
    for (const host of ['127.0.0.1', ...(has6 ? ['[::1]'] : [])])
      expect((await fetch(`http://${host}:${port}/healthz`)).status, host).toBe(200)
  })

  test('a port in use is named, with what to do', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const bound = other.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0
    const failure = await serve({ listen: { host: '127.0.0.1', port } }).catch((error: unknown) => error)
    other.close()
    expect(failure).toBeInstanceOf(AffiantError)
    expect(failure).toMatchObject({
      code: 'address_in_use',
      message: `telemetry: another process listens on 127.0.0.1:${port}`,
      hint: expect.stringContaining('telemetry.listen'),
    })
  })

  test('an address that is not ours is a fault of the configuration', async () => {
    await expect(serve({ listen: { host: '192.0.2.1', port: 0 } })).rejects.toMatchObject({
      code: 'config_invalid',
    })
  })

  test('stopping twice is stopping once, and frees the port', async () => {
    const { server } = await serve()
    await server.stop()
    await server.stop()
    await expect(fetch(`http://${server.address}/healthz`)).rejects.toThrow()
  })
})
