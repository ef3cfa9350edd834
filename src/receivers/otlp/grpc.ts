/** OTLP over gRPC: `LogsService/Export`. OK is said only after the commit. https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
import type { GrpcServerOptions } from '../server/grpc-server.ts'
import type { IntakeStream } from '../server/intake-stream.ts'
import { encodeExportResponse } from './answer.ts'
import { ingest } from './ingest.ts'

export const exportLogs = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'

export const otlpOverGrpc = (stream: IntakeStream): GrpcServerOptions['methods'] => ({
  [exportLogs]: async (message, peer, begin) =>
    encodeExportResponse(await ingest(message, 'protobuf', stream, peer, begin), 'protobuf'),
})
