/** What a journal does once a second: see whether the disk works again, let go what expired, write cursors and notes. */
import type { Clock } from '../clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Cursors } from './cursors.ts'
import type { DamageReports } from './damage-reports.ts'
import type { JournalWriter } from './journal-writer.ts'

/** Milliseconds. */
const every = 1000

interface Maintained {
  readonly clock: Clock
  readonly log: Log
  readonly writer: JournalWriter
  readonly cursors: Cursors
  readonly damage: DamageReports
  /** Runs a task in turn with commits. */
  readonly inTurn: (task: () => Promise<void>) => Promise<void>
  readonly signal: AbortSignal
}

/** Until `signal` aborts. What fails is said, and tried again the next time; it does not keep the rest from its turn. */
export async function maintain({
  clock,
  log,
  writer,
  cursors,
  damage,
  inTurn,
  signal,
}: Maintained): Promise<void> {
  const attempt = async (task: () => Promise<void>) => {
    try {
      if (!signal.aborted) await task()
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'journal: maintenance failed; trying again')
    }
  }
  for (;;) {
    try {
      await clock.sleep(every, signal)
    } catch {
      return
    }
    await attempt(() => writer.reconsider())
    await attempt(() => inTurn(() => writer.maintain()))
    await attempt(() => cursors.flush())
    if (!writer.pressure) await attempt(() => damage.note())
  }
}
