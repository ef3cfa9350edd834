/** OTLP/gRPC on Node's HTTP/2. */
import { once } from 'node:events'
import { connect } from 'node:http2'
import { finished } from 'node:stream/promises'
import type { Sender } from './sender.ts'

const head = {
  ':method': 'POST',
  ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  'content-type': 'application/grpc',
  te: 'trailers',
}
/** Of a message: that it is not compressed, and its length. */
const prefixLength = 5

export async function grpcSender(port: number): Promise<Sender> {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  await once(session, 'connect')
  return {
    async send(body) {
      const prefix = Buffer.alloc(prefixLength)
      prefix.writeUInt32BE(body.length, 1)
      const stream = session.request(head)
      let status: unknown
      let length = 0
      stream.on('response', (headers) => {
        status ??= headers['grpc-status']
      })
      stream.on('trailers', (trailers) => {
        status ??= trailers['grpc-status']
      })
      stream.on('data', (data: Buffer) => {
        length += data.length
      })
      stream.write(prefix)
      stream.end(body)
      await finished(stream)
      // A message would name records that were not taken in.
      if (status !== '0' || length !== prefixLength) throw new Error(`answered with status ${String(status)}`)
    },
    close: () => session.destroy(),
  }
}
