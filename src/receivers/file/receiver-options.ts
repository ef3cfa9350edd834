/** What a file receiver is given. */
import type { Clock } from '../../clock.ts'
import type { Joining } from '../../event/joining.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake, KnownStream } from '../receiver.ts'
import type { FileReceiverConfig } from './config.ts'
import type { FileGuide } from './guide.ts'
import type { StreamClaims } from './identity/claims.ts'
import type { PresetDetector } from './identity/preset.ts'

export interface FileReceiverOptions {
  readonly name: string
  readonly config: FileReceiverConfig
  /** How lines make up records, as their format needs it; `multiline` in the configuration takes its place. */
  readonly joining?: Joining | undefined
  readonly agentId: string
  readonly intake: Intake
  /** Streams from before the restart; those of other receivers are left alone. */
  readonly known: readonly KnownStream[]
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  /** A stream's input is gone and read to its end: it needs no position any more. */
  readonly forget: (streamId: string) => void
  /** Whether every sink has settled whatever of a stream goes there. @default of none */
  readonly delivered?: (streamId: string) => boolean
  /** With `preset: auto`. @default every file is of the preset that the configuration names */
  readonly detector?: PresetDetector | undefined
  /** Who else than the patterns knows about files. @default nobody */
  readonly guide?: FileGuide | undefined
  /** Ends everything at once, also what is in flight. */
  readonly signal?: AbortSignal
  /** Shared by all receivers of an agent. @default its own */
  readonly claims?: StreamClaims
  /**
   * Milliseconds without growth after which the unfinished last line of a file that lost its name is a record.
   * @default 5000
   */
  readonly grace?: number
  /**
   * Milliseconds that a file which holds the same as another one is held back, since it may be that one's copy.
   * @default 10000
   */
  readonly holdFor?: number
  /** Whether the receiver of this name reads this path, as configured now. What none reads is adopted. @default it does */
  readonly reads?: (receiver: string, path: string) => boolean
  /**
   * Unix milliseconds at which this receiver ran last before this start, with the same configuration, as far as anybody
   * knows. @default when it met the newest of the known streams, if there are any
   */
  readonly ranUntil?: number | undefined
  /** Bytes. @default 256 KiB */
  readonly chunkSize?: number
  /** Bytes, over all files. @default 2 MiB */
  readonly maxInFlight?: number
  /** Of one file: enough of them keep every worker busy while others are committed. @default 2 */
  readonly chunksInFlight?: number
}
