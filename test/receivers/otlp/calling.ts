/** A receiver that speaks gRPC on a port of its own, and the library's client for it: one call, no retries. */
import { Client, type ClientOptions, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import type { Clock } from '../../../src/clock.ts'
import type { otlpReceiverConfig } from '../../../src/receivers/otlp/config.ts'
import { type Listening, listening } from './listening.ts'

export const method = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'

type Settings = Partial<z.input<typeof otlpReceiverConfig>>

export interface Called {
  /** The numeric status; 0 is OK. */
  readonly code: number
  readonly details: string
  readonly reply: Buffer
  readonly trailers: Metadata
}

export interface Calling extends Listening {
  readonly grpcPort: number
  /** Resolves with the status, whatever it is. */
  readonly call: (
    message: Buffer,
    metadata?: Record<string, string>,
    path?: string,
    options?: ClientOptions,
  ) => Promise<Called>
}

export async function calling(settings: Settings = {}, clock?: Clock): Promise<Calling> {
  const both = { ...settings, grpc: { listen: '127.0.0.1:0', ...settings.grpc } }
  const listener = await listening(both, undefined, clock)
  const { port } = listener.receiver.addresses.grpc!
  return {
    ...listener,
    grpcPort: port,
    call: (message, metadata = {}, path = method, options = {}) =>
      call(`127.0.0.1:${port}`, message, metadata, path, options),
  }
}

const same = (bytes: Buffer) => bytes

export function call(
  target: string,
  message: Buffer,
  metadata: Record<string, string>,
  path: string,
  options: ClientOptions,
  security = credentials.createInsecure(),
): Promise<Called> {
  const client = new Client(target, security, {
    'grpc.enable_retries': 0,
    'grpc.max_send_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    ...options,
  })
  onTestFinished(() => client.close())
  const sent = new Metadata()
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value)
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, message, sent, (error: ServiceError | null, reply?: Buffer) => {
      resolve({
        code: error?.code ?? 0,
        details: error?.details ?? '',
        reply: reply ?? Buffer.alloc(0),
        trailers: error?.metadata ?? new Metadata(),
      })
    })
  })
}
