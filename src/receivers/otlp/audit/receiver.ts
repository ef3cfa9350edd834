/** The `otlp_audit` receiver: OpenTelemetry's draft audit signal (OTEP 0267) over HTTP and gRPC. See docs/otel-audit.md. */
import type { KnownStream } from '../../receiver.ts'
import { IntakeStream } from '../../server/intake-stream.ts'
import type { ReceiverOptions } from '../../server/receiver-options.ts'
import { createOtlpServers, type OtlpServers } from '../servers.ts'
import { Chains } from './chains.ts'
import type { Entrance } from './commit-records.ts'
import type { OtlpAuditReceiverConfig } from './config.ts'
import { auditOverGrpc } from './grpc.ts'
import { auditOverHttp, type Take } from './http.ts'
import { Ingest } from './ingest.ts'
import { WatchedKeys } from './watched-keys.ts'

export interface OtlpAuditOptions extends ReceiverOptions<OtlpAuditReceiverConfig> {
  /** Streams that the journal knows of before the start. */
  readonly known: readonly KnownStream[]
  readonly forget: (stream: string) => void
}

/** Rejects with `config_unreadable` or `config_invalid` where a key cannot be used. */
export async function createOtlpAuditReceiver(options: OtlpAuditOptions): Promise<OtlpServers> {
  const { name: receiver, config, intake, clock, metrics, notify, known, forget } = options
  const log = options.log.child({ receiver })
  const keys = await WatchedKeys.open({ receiver, keys: config.keys, log, metrics, clock, notify })
  const stopping = new AbortController()
  let watching: Promise<void> | undefined
  const ingest = new Ingest({
    receiver,
    intake,
    judging: () => ({
      keys: keys.current,
      refusesUnverified: config.unverified === 'refuse',
      clockDifference: config.max_clock_difference,
    }),
    chains: new Chains({ receiver, known, forget }),
    clock,
    metrics,
    notify,
  })
  const entranceOf = (stream: IntakeStream): Take => {
    const open: Entrance['open'] = (lasting, facts) =>
      new IntakeStream({
        receiver,
        intake,
        clock,
        lasting,
        metadata: () => ({ ...stream.metadata, ...facts }),
      })
    return (body, format, peer, begin) => ingest.take(body, format, peer, { stream, open, begin })
  }
  const servers = createOtlpServers(options, {
    name: 'otlp_audit',
    shown: 'audit signal',
    http: (stream) => auditOverHttp(entranceOf(stream)),
    grpc: (stream) => auditOverGrpc(entranceOf(stream)),
  })
  return {
    ...servers,
    get addresses() {
      return servers.addresses
    },
    async start() {
      await servers.start()
      watching = keys.watch(stopping.signal)
    },
    async stop() {
      stopping.abort()
      await Promise.all([servers.stop(), watching])
    },
  }
}
