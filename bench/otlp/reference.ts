// What the agent is compared with: receivers of the same requests that decode them and do nothing else. Over HTTP on the
// server that the agent uses, over gRPC on Node's HTTP/2, which has less to do than the library for it.
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { exportRequest } from './schema.ts'

let records = 0

function decode(body: Buffer): void {
  const { resourceLogs } = exportRequest.decode(body) as unknown as Decoded
  for (const { scopeLogs } of resourceLogs)
    for (const { logRecords } of scopeLogs) records += logRecords.length
}

interface Decoded {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly unknown[] }[]
  }[]
}

const app = fastify({ bodyLimit: 64 * 1024 * 1024 })
app.addContentTypeParser('application/x-protobuf', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.post('/v1/logs', async (request, reply) => {
  decode(request.body as Buffer)
  return reply.code(200).type('application/x-protobuf').send(Buffer.alloc(0))
})
await app.listen({ host: '127.0.0.1', port: 0 })

const prefixLength = 5
const grpc = createServer({ settings: { initialWindowSize: 256 * 1024 } })
grpc.on('session', (session) => session.setLocalWindowSize(1024 * 1024))
grpc.on('stream', (stream) => {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => {
    decode(Buffer.concat(chunks).subarray(prefixLength))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.alloc(prefixLength))
  })
})
await new Promise<void>((listening) => grpc.listen(0, '127.0.0.1', listening))

const portOf = (address: AddressInfo | string | null) => (address as AddressInfo).port
process.send!({ http: portOf(app.server.address()), grpc: portOf(grpc.address()) })
process.on('message', () => process.send!({ records }))
