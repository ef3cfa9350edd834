/** A bucket on loopback, for faults: it takes, refuses and forgets as a test wants. Ceph is the judge of all the rest. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../../src/clock.ts'
import { s3SinkConfig } from '../../../src/sinks/s3/config.ts'
import { createS3Sink } from '../../../src/sinks/s3/index.ts'
import type { Sink } from '../../../src/sinks/sink.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

interface StoredObject {
  readonly body: Buffer
  readonly headers: IncomingMessage['headers']
}

export interface Bucket extends AsyncDisposable {
  readonly url: string
  readonly objects: Map<string, StoredObject>
  /** `PUT /b/key`, one a request. */
  readonly requests: string[]
  /** How requests are answered; `accept` by default. */
  answer: Answer
  readonly accept: Answer
  lines(): string[]
}

export async function openBucket(): Promise<Bucket> {
  const objects = new Map<string, StoredObject>()
  const requests: string[] = []
  const accept: Answer = async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const key = decodeURIComponent((request.url ?? '').split('?')[0] ?? '').slice(1)
    const there = objects.get(key)
    if (!/^AWS4-HMAC-SHA256 .*Signature=/.test(request.headers.authorization ?? '')) {
      return refuse(response, 403, 'AccessDenied')
    }
    if (request.method === 'HEAD') {
      if (there === undefined) return void response.writeHead(404).end()
      response.writeHead(200, {
        'content-length': there.body.length,
        'x-amz-meta-affiant-sha256': there.headers['x-amz-meta-affiant-sha256'],
      })
      return void response.end()
    }
    if (there !== undefined && request.headers['if-none-match'] === '*') {
      return refuse(response, 412, 'PreconditionFailed')
    }
    objects.set(key, { body, headers: request.headers })
    response.writeHead(200, { etag: '"1"' }).end()
  }
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    void bucket.answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const bucket: Bucket = {
    url: `http://127.0.0.1:${port}`,
    objects,
    requests,
    answer: accept,
    accept,
    lines: () =>
      [...objects]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, { body }]) => gunzipSync(body).toString().trimEnd().split('\n')),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return bucket
}

export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as asked</Message></Error>`)
}

export function s3Sink(endpoint: string, options: Record<string, unknown> = {}): Sink {
  const config = s3SinkConfig.parse({
    type: 's3',
    bucket: 'bucket',
    endpoint,
    region: 'us-east-1',
    credentials: { access_key: 'AKTEST', secret_key: 'SKTEST' },
    ...options,
  })
  return createS3Sink({ name: 'archive', config, clock: systemClock })
}
