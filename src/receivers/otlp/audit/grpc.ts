/** The audit signal over gRPC: the same `LogsService/Export` as logs, on a listener of its own. */
import type { GrpcServerOptions } from '../../server/grpc-server.ts'
import { exportLogs } from '../grpc.ts'
import type { Take } from './http.ts'
import { encodeReceipts } from './receipt.ts'

export const auditOverGrpc = (take: Take): GrpcServerOptions['methods'] => ({
  [exportLogs]: async (message, peer, begin) =>
    encodeReceipts(await take(message, 'protobuf', peer, begin), 'protobuf'),
})
