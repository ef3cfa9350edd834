/** What all files of one receiver share. */
import type { Clock } from '../../clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Intake } from '../receiver.ts'
import type { Listings } from './finding/listings.ts'
import type { OldFiles } from './finding/old-files.ts'
import type { Patterns } from './finding/pattern.ts'
import type { FramingRules } from './framing/begin.ts'
import type { FileGuide } from './guide.ts'
import type { StreamClaims } from './identity/claims.ts'
import type { Copies } from './identity/copies.ts'
import type { FinishedStreams } from './identity/finished-streams.ts'
import type { InTurn } from './identity/in-turn.ts'
import type { KnownFiles } from './identity/known.ts'
import type { PresetDetector } from './identity/preset.ts'
import type { Relatives } from './identity/relatives.ts'
import type { ByteBudget } from './reading/budget.ts'
import type { FollowedFile } from './reading/followed-file.ts'
import type { OpenFiles } from './source/open-files.ts'

export interface FileContext {
  readonly receiver: string
  readonly agentId: string
  /** What `affiant.stream.opened` says beside the file itself: preset and the like. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly intake: Intake
  readonly patterns: Patterns
  readonly known: KnownFiles
  readonly claims: StreamClaims
  /** Whether the receiver of this name reads this path, as configured. */
  readonly reads: (receiver: string, path: string) => boolean
  readonly budget: ByteBudget
  /** Of one file. */
  readonly chunksInFlight: number
  readonly clock: Clock
  readonly log: Log
  /** Bytes. */
  readonly maxRecord: number
  /** How lines become records. */
  readonly framing: FramingRules
  /** Set where others than the patterns know about files. */
  readonly guide?: FileGuide | undefined
  /** Set where each file's first records say of which preset they are. */
  readonly detector?: PresetDetector | undefined
  /** Aborts what is in flight. */
  readonly signal: AbortSignal
  /** Aborted first: nothing new is read. */
  readonly closing: AbortSignal
  /** Streams whose input ended a while ago. */
  readonly finished: FinishedStreams
  readonly openFiles: OpenFiles
  readonly oldFiles: OldFiles
  readonly listings: Listings
  /** What a rotation has left of one name is looked for by one at a time. */
  readonly searching: InTurn
  /** Unix milliseconds until which the run before this start has looked at what came and went; undefined where there was none. */
  readonly seenUntil: number | undefined
  readonly relatives: Relatives
  readonly copies: Copies
  /** Milliseconds that a file which may be another one's copy is held back, without growing. */
  readonly holdFor: number
  /** Gives the file a turn. */
  readonly wake: (file: FollowedFile) => void
  /** A commit or failure of this file came in, or it reached its end. */
  readonly settled: (file: FollowedFile) => void
}
