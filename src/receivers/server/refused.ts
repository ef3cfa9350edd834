/** A connection that was turned away is counted, and on record. */
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Notify } from './notice.ts'
import type { Refusal } from './refusals.ts'
import { peerAddress } from './socket-peer.ts'

export interface Told {
  readonly receiver: string
  readonly metrics: Metrics
  readonly notify: Notify
}

export function tellRefused({ receiver, metrics, notify }: Told, { ip, ...refusal }: Refusal): void {
  metrics.connectionsRefused.inc({ receiver, reason: refusal.reason })
  notify({ kind: 'refused', receiver, ip: ip && peerAddress(ip), ...refusal })
}
