/** The `otlp` receiver: OpenTelemetry logs over HTTP and gRPC, acknowledged after the commit. */
import type { ReceiverOptions } from '../server/receiver-options.ts'
import type { OtlpReceiverConfig } from './config.ts'
import { otlpOverGrpc } from './grpc.ts'
import { otlpOverHttp } from './http.ts'
import { createOtlpServers, type OtlpServers } from './servers.ts'

export type OtlpReceiver = OtlpServers

export const createOtlpReceiver = (options: ReceiverOptions<OtlpReceiverConfig>): OtlpReceiver =>
  createOtlpServers(options, { name: 'otlp', http: otlpOverHttp, grpc: otlpOverGrpc })
