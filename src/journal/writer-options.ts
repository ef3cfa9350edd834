/** What the writer is given. */
import type { Clock } from '../clock.ts'
import type { Commit } from '../event/batch.ts'
import type { Log } from '../telemetry/log.ts'
import type { AppendOrder } from './contract.ts'
import type { Cursors } from './cursors.ts'
import type { DiskFloor } from './disk-floor.ts'
import type { FileSystem } from './fs-port.ts'
import type { JournalEvents } from './journal-events.ts'
import type { KeyRing } from './key-ring.ts'
import type { LiveStreams } from './live-streams.ts'
import type { RecentBlocks } from './recent-blocks.ts'
import type { Retainer } from './retainer.ts'
import type { SegmentSet } from './segment-set.ts'
import type { BlockToWrite } from './segment-writer.ts'
import type { LiveSettings } from './settings.ts'
import type { Sizes } from './sizes.ts'
import type { Spare } from './spare.ts'
import type { Waiters } from './waiters.ts'

export interface PendingBlock extends BlockToWrite {
  /** May use what is kept for the agent's own events. */
  readonly reserve: boolean
  readonly order?: AppendOrder | undefined
  /** Settles once it is known how its bytes are stored. Absent: as they are. */
  packing?: Promise<void>
  resolve(commit: Commit): void
  reject(error: Error): void
}

export interface WriterOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly directory: string
  readonly epoch: number
  readonly origin: string
  readonly sizes: Sizes
  readonly floor: DiskFloor
  readonly settings: Pick<LiveSettings, 'rotateAfter'>
  readonly segments: SegmentSet
  readonly cursors: Cursors
  readonly retainer: Retainer
  readonly spare: Spare
  readonly recent: RecentBlocks
  readonly streams: LiveStreams
  readonly keys: KeyRing
  readonly committed: Waiters
  /** Woken when pressure may be gone. */
  readonly room: Waiters
  readonly events: JournalEvents
}
