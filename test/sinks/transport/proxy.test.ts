/** Requests through a proxy: a real one on the loopback that tunnels (CONNECT). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { batchOfMany, linesOf } from '../batches.ts'
import { httpSink, openHttpDestination } from '../http/destination.ts'
import { openProxy } from './tunnel.ts'

const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/tls', name)
const cert = fixture('localhost-cert.pem')
const key = fixture('localhost-key.pem')
const never = new AbortController().signal

async function through(options: Record<string, unknown>) {
  const destination = await openHttpDestination({ cert: readFileSync(cert), key: readFileSync(key) })
  const sink = httpSink({ url: destination.url, tls: { ca: cert }, ...options })
  onTestFinished(async () => {
    await sink.stop()
    await destination.close()
  })
  await sink.start()
  const batch = batchOfMany(3)
  const outcome = await sink.deliver(batch, never)
  if (outcome.kind === 'accepted') expect(destination.lines()).toEqual(linesOf(batch))
  return { outcome, host: new URL(destination.url).host, target: sink.target }
}

test('a proxy with a name and a password', async () => {
  const { host: at, tunnels } = await openProxy()
  const { outcome, host } = await through({ proxy: `http://user:secret-word@${at}` })
  expect(outcome.kind).toBe('accepted')
  expect(tunnels).toEqual([host])
})

test('plain requests are passed on, not tunnelled: many proxies tunnel to port 443 only', async () => {
  const { host: at, tunnels, passed } = await openProxy()
  const destination = await openHttpDestination()
  const sink = httpSink({ url: destination.url, proxy: `http://user:secret-word@${at}` })
  onTestFinished(async () => {
    await sink.stop()
    await destination.close()
  })
  await sink.start()
  const batch = batchOfMany(3)
  expect((await sink.deliver(batch, never)).kind).toBe('accepted')
  expect(destination.lines()).toEqual(linesOf(batch))
  expect([tunnels, passed]).toEqual([[], [destination.url]])
})

test('what a proxy does not let through waits, and its password is not shown', async () => {
  const { host: at, tunnels } = await openProxy()
  const { outcome, target } = await through({ proxy: `http://user:wrong-word@${at}` })
  expect(outcome.kind).toBe('later')
  expect(JSON.stringify([outcome, target])).not.toContain('wrong-word')
  expect(tunnels).toEqual([])
})

test('HTTPS_PROXY is followed, NO_PROXY and `proxy: none` are its exceptions', async () => {
  const { host: at, tunnels } = await openProxy()
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const name of ['https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, `http://user:secret-word@${at}`)
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '')
  expect((await through({})).outcome.kind).toBe('accepted')
  expect(tunnels).toHaveLength(1)
  expect((await through({ proxy: 'none' })).outcome.kind).toBe('accepted')
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '127.0.0.1')
  expect((await through({})).outcome.kind).toBe('accepted')
  expect(tunnels).toHaveLength(1)
})
