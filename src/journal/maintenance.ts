/**
 * What a journal does by the clock. Twice a second: look whether its files are still there and its disk answers, let go
 * what expired. Once a second: see whether the disk works again, write cursors and notes.
 */
import type { Clock } from '../clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Cursors } from './cursors.ts'
import type { DamageReports } from './damage-reports.ts'
import type { JournalWriter } from './journal-writer.ts'

/** Milliseconds. What is wrong is known within a second, what it takes to look included. */
const every = 500

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
  for (let looks = 1; ; looks++) {
    try {
      await clock.sleep(every, signal)
    } catch {
      return
    }
    await attempt(() => writer.reconsider())
    const isSecond = looks % 2 === 0
    await attempt(() =>
      inTurn(async () => {
        await writer.look()
        if (isSecond) await writer.maintain()
      }),
    )
    if (!isSecond) continue
    await attempt(() => cursors.flush())
    if (!writer.pressure) await attempt(() => damage.note())
  }
}
