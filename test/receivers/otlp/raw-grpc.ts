/** Calls as bytes, with whatever headers: what the library's client would not send. */
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2'
import { onTestFinished } from 'vitest'
import { method } from './calling.ts'

/** Ended when the test ends. */
export async function session(port: number): Promise<ClientHttp2Session> {
  const client = connect(`http://127.0.0.1:${port}`)
  onTestFinished(() => client.destroy())
  await once(client, 'connect')
  return client
}

export const headers = {
  ':method': 'POST',
  ':path': method,
  'content-type': 'application/grpc',
  te: 'trailers',
}

/** The headers of the answer. */
export async function answered(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  stream.resume()
  return head
}

export const framed = (message: Buffer, flag = 0) =>
  Buffer.concat([Buffer.from([flag, 0, 0, message.length >> 8, message.length & 255]), message])
