/** Elsewhere overload is answered with 500, and a DNS failure is permanent. Here both pass. */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AffiantError } from '../../src/errors.ts'
import { listening, numbered } from '../receivers/otlp/listening.ts'
import { batchOfMany } from '../sinks/batches.ts'
import { connected, httpSink } from '../sinks/http/destination.ts'

async function outcomeOf(url: string, settings: Record<string, unknown> = {}) {
  const sink = httpSink({ url, timeout: '5s', ...settings })
  onTestFinished(() => sink.stop())
  await sink.start()
  return await sink.deliver(batchOfMany(3), AbortSignal.timeout(10_000))
}

describe('a destination that cannot be reached is tried again', () => {
  test('its name does not resolve', async () => {
    expect(await outcomeOf('http://no-such-host.invalid/audit')).toMatchObject({ kind: 'later' })
  })

  test('it refuses connections', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    await once(server, 'close')
    const port = typeof address === 'object' && address ? address.port : 0
    expect(await outcomeOf(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'later' })
  })

  test('its certificate is not to be trusted', async () => {
    const tls = new URL('../fixtures/tls/', import.meta.url)
    const { destination } = await connected(
      {},
      {
        key: await readFile(new URL('localhost-key.pem', tls), 'utf8'),
        cert: await readFile(new URL('localhost-cert.pem', tls), 'utf8'),
      },
    )
    expect(await outcomeOf(destination.url)).toMatchObject({ kind: 'later' })
  })

  test.each([401, 403, 429, 500, 502, 503, 504])(
    'it answers %i: credentials that expired, too much to do',
    async (status) => {
      const { destination } = await connected()
      destination.answer = (request, response) => destination.accept(request, response, status)
      const { kind } = await outcomeOf(destination.url)
      expect(['later', 'held']).toContain(kind)
    },
  )
})

test.each([
  ['a full journal', new AffiantError('journal_full', 'full')],
  ['a disk that fails', new AffiantError('journal_unavailable', 'EIO')],
  ['a defect', new TypeError('x is not a function')],
])('%s is 503 with Retry-After to a client, and it may send again', async (_name, refusal) => {
  const { post, intake } = await listening()
  intake.refusal = refusal
  const answer = await post(JSON.stringify(numbered(1)))
  expect(answer.status).toBe(503)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  intake.refusal = undefined
  expect(await post(JSON.stringify(numbered(1)))).toMatchObject({ status: 200 })
})
