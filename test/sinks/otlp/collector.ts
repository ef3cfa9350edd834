/** OTLP log servers on loopback, HTTP and gRPC, that keep what they take; messages are read by the oracle. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type StatusObject,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { decodeRequest, type RequestObject } from '../../receivers/otlp/oracle.ts'

export interface Collector {
  readonly url: string
  readonly requests: RequestObject[]
  /** Headers or metadata of each request. */
  readonly headers: Readonly<Record<string, unknown>>[]
  readonly close: () => Promise<void>
}

export type HttpAnswer = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

export interface HttpCollector extends Collector {
  /** Answers in the server's place where it returns true. */
  before: HttpAnswer
  /** What it says when it has taken a request. */
  success: Buffer | string
}

export async function openHttpCollector(): Promise<HttpCollector> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const collector: HttpCollector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    headers: [],
    before: () => false,
    success: '',
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await collector.before(request, response)) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    const json = request.headers['content-type'] === 'application/json'
    if (request.url !== '/v1/logs') {
      response.writeHead(404).end()
      return
    }
    collector.requests.push(json ? (JSON.parse(body.toString()) as RequestObject) : decodeRequest(body))
    collector.headers.push(request.headers)
    response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(collector.success)
  }
  return collector
}

export interface GrpcCollector extends Collector {
  /** The status of the next calls; undefined: taken. `stuck`: no answer. */
  status: Partial<StatusObject> | 'stuck' | undefined
  /** Milliseconds until it answers. */
  delay: number
  reply: Buffer
}

/** `maxBytes`: of one message; larger ones the library refuses by itself. */
export async function openGrpcCollector({ maxBytes = 64 * 1024 ** 2 } = {}): Promise<GrpcCollector> {
  const server = new Server({ 'grpc.max_receive_message_length': maxBytes })
  const same = (bytes: Buffer) => bytes
  const handle = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
    const { status, delay, reply } = collector
    if (status === 'stuck') return
    if (status !== undefined) {
      answer({ code: 14, details: '', ...status } as StatusObject & { metadata: Metadata })
      return
    }
    setTimeout(() => {
      collector.requests.push(decodeRequest(call.request))
      collector.headers.push(call.metadata.getMap())
      answer(null, reply)
    }, delay)
  }
  server.addService(
    {
      Export: {
        path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    { Export: handle },
  )
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  const collector: GrpcCollector = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    headers: [],
    status: undefined,
    delay: 0,
    reply: Buffer.alloc(0),
    async close() {
      server.forceShutdown()
    },
  }
  return collector
}

interface Request {
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body: { readonly stringValue: string } }[]
    }[]
  }[]
}

/** The bodies of all records, where they are texts. */
export function bodiesOf({ requests }: Collector): string[] {
  return (requests as Request[]).flatMap(({ resourceLogs = [] }) =>
    resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue)),
    ),
  )
}
