/** What all files of one receiver share. */
import type { Clock } from '../../clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Intake } from '../receiver.ts'
import type { ByteBudget } from './budget.ts'
import type { StreamClaims } from './claims.ts'
import type { FollowedFile } from './followed-file.ts'
import type { KnownFiles } from './known.ts'

export interface FileContext {
  readonly receiver: string
  readonly agentId: string
  /** What `affiant.stream.opened` says beside the file itself: preset and the like. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly intake: Intake
  readonly known: KnownFiles
  readonly claims: StreamClaims
  readonly budget: ByteBudget
  /** Of one file. */
  readonly chunksInFlight: number
  readonly clock: Clock
  readonly log: Log
  /** Bytes. */
  readonly maxRecord: number
  /** Aborts what is in flight. */
  readonly signal: AbortSignal
  /** Aborted first: nothing new is read. */
  readonly closing: AbortSignal
  /** The stream's input is gone and read to its end. */
  readonly forget: (streamId: string) => void
  /** A commit or failure of this file came in, or it reached its end. */
  readonly settled: (file: FollowedFile) => void
}
