/** A bucket on loopback, for faults: it takes, refuses and forgets as a test wants. Ceph is the judge of all the rest. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../../src/clock.ts'
import { s3SinkConfig } from '../../../src/sinks/s3/config.ts'
import { createS3Sink } from '../../../src/sinks/s3/index.ts'
import type { Sink } from '../../../src/sinks/sink.ts'
import { BucketUploads } from './bucket-uploads.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

export interface StoredObject {
  readonly body: Buffer
  readonly headers: IncomingMessage['headers']
}

export interface Bucket extends AsyncDisposable {
  readonly url: string
  readonly objects: Map<string, StoredObject>
  readonly uploads: BucketUploads
  /** `PUT /b/key`, one a request. */
  readonly requests: string[]
  /** What of an object is told: by default all that Amazon tells. */
  readonly tells: { metadata: boolean; checksums: boolean; md5: boolean; content: boolean; ranges: boolean }
  /** How requests are answered; `accept` by default. */
  answer: Answer
  readonly accept: Answer
  lines(): string[]
}

export async function openBucket(): Promise<Bucket> {
  const objects = new Map<string, StoredObject>()
  const uploads = new BucketUploads()
  const requests: string[] = []
  const tells = { metadata: true, checksums: true, md5: true, content: true, ranges: true }

  const describe = ({ body, headers }: StoredObject, mode: unknown) => {
    const sum = ['x-amz-checksum-crc32c', 'x-amz-checksum-sha256'].find((name) => headers[name] !== undefined)
    return {
      etag: `"${tells.md5 ? createHash('md5').update(body).digest('hex') : 'f'.repeat(32)}"`,
      ...(tells.metadata && { 'x-amz-meta-affiant-sha256': headers['x-amz-meta-affiant-sha256'] }),
      ...(tells.checksums && mode === 'ENABLED' && sum !== undefined && { [sum]: headers[sum] }),
    }
  }
  const read = (there: StoredObject, range: string | undefined, response: ServerResponse) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
    if (!tells.content) return refuse(response, 403, 'AccessDenied')
    if (!tells.ranges || from === undefined) {
      return void response.writeHead(200, { 'content-length': there.body.length }).end(there.body)
    }
    const piece = there.body.subarray(Number(from), Number(to) + 1)
    response.writeHead(206, {
      'content-length': piece.length,
      'content-range': `bytes ${from}-${to}/${there.body.length}`,
    })
    response.end(piece)
  }
  const accept: Answer = async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const url = new URL(request.url ?? '', bucket.url)
    const key = decodeURIComponent(url.pathname).slice(1)
    const there = objects.get(key)
    if (!/^AWS4-HMAC-SHA256 .*Signature=/.test(request.headers.authorization ?? '')) {
      return refuse(response, 403, 'AccessDenied')
    }
    const exists = there !== undefined && request.headers['if-none-match'] === '*'
    const uploaded = uploads.serve({
      method: request.method,
      url,
      key,
      body,
      headers: request.headers,
      exists,
    })
    if (uploaded !== undefined) {
      if (uploaded.object !== undefined) objects.set(key, uploaded.object)
      return void response.writeHead(uploaded.status, uploaded.headers).end(uploaded.text)
    }
    switch (request.method) {
      case 'HEAD':
        if (there === undefined) return void response.writeHead(404).end()
        response.writeHead(200, {
          'content-length': there.body.length,
          ...describe(there, request.headers['x-amz-checksum-mode']),
        })
        return void response.end()
      case 'GET':
        return there === undefined
          ? refuse(response, 404, 'NoSuchKey')
          : read(there, request.headers.range, response)
      default:
        if (exists) return refuse(response, 412, 'PreconditionFailed')
        objects.set(key, { body, headers: request.headers })
        response.writeHead(200, { etag: '"1"' }).end()
    }
  }
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    // Who goes away in the middle of a request takes the answer with him.
    Promise.resolve(bucket.answer(request, response)).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const bucket: Bucket = {
    url: `http://127.0.0.1:${port}`,
    objects,
    uploads,
    requests,
    tells,
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
  response.end(errorText(code))
}

export const errorText = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>as asked</Message></Error>`

export function s3Sink(endpoint: string, options: Record<string, unknown> = {}, clock = systemClock): Sink {
  const config = s3SinkConfig.parse({
    type: 's3',
    bucket: 'bucket',
    endpoint,
    region: 'us-east-1',
    credentials: { access_key: 'AKTEST', secret_key: 'SKTEST' },
    ...options,
  })
  return createS3Sink({ name: 'archive', config, clock })
}
