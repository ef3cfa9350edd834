/** Whom a sink believes: certificates that ran out, of another host, of nobody known; and its own, renewed while it runs. */
import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { batchOfMany } from '../sinks/batches.ts'
import { httpSink, openHttpDestination } from '../sinks/http/destination.ts'
import { makeCertificate, type Pair } from './certificates.ts'

const never = new AbortController().signal

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'affiant-tls-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

async function deliverTo(server: Pair, options: Record<string, unknown>) {
  const destination = await openHttpDestination({
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    requestCert: true,
    rejectUnauthorized: false,
  })
  const sink = httpSink({ url: destination.url, proxy: 'none', ...options })
  onTestFinished(async () => {
    await sink.stop()
    await destination.close()
  })
  await sink.start()
  return { destination, sink, outcome: await sink.deliver(batchOfMany(1), never) }
}

test('a certificate of nobody known, of another host, or that ran out, is not believed', async () => {
  const path = await directory()
  const good = await makeCertificate(path, 'good')
  // Nor does a variable of the environment turn the check off.
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  const unknown = await deliverTo(good, {})
  expect(unknown.outcome).toMatchObject({ kind: 'later', reason: expect.stringContaining('self-signed') })
  expect(unknown.destination.requests).toEqual([])
  expect((await deliverTo(good, { tls: { ca: good.cert } })).outcome.kind).toBe('accepted')

  const other = await makeCertificate(path, 'other', { host: 'DNS:elsewhere.example' })
  const elsewhere = await deliverTo(other, { tls: { ca: other.cert } })
  expect(elsewhere.outcome).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  })

  // For 127.0.0.1, and over since 2020.
  const fixture = (name: string) => join(import.meta.dirname, '../fixtures/tls', name)
  const old: Pair = { cert: fixture('expired-cert.pem'), key: fixture('expired-key.pem'), pem: '' }
  const expired = await deliverTo(old, { tls: { ca: old.cert } })
  expect(expired.outcome).toMatchObject({
    kind: 'later',
    reason: expect.stringContaining('CERT_HAS_EXPIRED'),
  })
})

test('its own certificate is read again when its files change', async () => {
  const path = await directory()
  const server = await makeCertificate(path, 'server')
  const pairs = [await makeCertificate(path, 'first'), await makeCertificate(path, 'second')]
  const cert = join(path, 'current.pem')
  const key = join(path, 'current-key.pem')
  const put = async (pair: Pair) => {
    await copyFile(pair.key, key)
    await copyFile(pair.cert, cert)
  }
  await put(pairs[0]!)
  const { destination, sink, outcome } = await deliverTo(server, { tls: { ca: server.cert, cert, key } })
  expect(outcome.kind).toBe('accepted')
  const seen: string[] = []
  destination.answer = (request, response) => {
    seen.push((request.socket as TLSSocket).getPeerCertificate().subject.CN as string)
    return destination.accept(request, response)
  }
  await sink.deliver(batchOfMany(1), never)
  expect(seen).toEqual(['first'])
  await put(pairs[1]!)
  await expect
    .poll(
      async () => {
        await sink.deliver(batchOfMany(1), never)
        return seen.at(-1)
      },
      { timeout: 10_000 },
    )
    .toBe('second')
})
