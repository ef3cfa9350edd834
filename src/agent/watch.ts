/** Looks once a second at what nobody tells: where the wall clock stands, whether the journal takes events, what routes drop. */
import type { Clock } from '../clock.ts'
import type { Journal, JournalPressure } from '../journal/contract.ts'
import { clockJumped } from './agent-notes.ts'
import { journalPressed, journalRelieved } from './journal-notes.ts'
import type { OwnLog } from './own-log.ts'
import type { RouteNotes } from './route-notes.ts'

/** Milliseconds. */
const every = 1_000
/** What a clock that is only kept right by small corrections never moves in `every`. Milliseconds. */
const leastJump = 1_000

export interface WatchOptions {
  readonly clock: Clock
  readonly journal: Pick<Journal, 'pressure'>
  readonly ownLog: Pick<OwnLog, 'record'>
  readonly routeNotes: Pick<RouteNotes, 'tell'>
}

export class Watch implements AsyncDisposable {
  readonly #options: WatchOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  /** Wall clock less monotonic clock, milliseconds. */
  #offset: number
  #pressure: { readonly reason: JournalPressure['reason']; readonly from: number } | null = null

  constructor(options: WatchOptions) {
    this.#options = options
    this.#offset = this.#offsetNow()
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#options.clock.sleep(every, signal).catch(() => {})
      this.#lookAtClock()
      this.#lookAtJournal()
      this.#options.routeNotes.tell()
    }
  }

  #offsetNow(): number {
    const { clock } = this.#options
    return clock.now() - clock.monotonic()
  }

  #lookAtClock(): void {
    const { clock, ownLog } = this.#options
    const offset = this.#offsetNow()
    const moved = offset - this.#offset
    this.#offset = offset
    if (Math.abs(moved) < leastJump) return
    const now = clock.now()
    ownLog.record(clockJumped(now - moved, now, 'running'))
  }

  #lookAtJournal(): void {
    const { clock, journal, ownLog } = this.#options
    const { pressure } = journal
    if (pressure?.reason === this.#pressure?.reason) return
    const now = clock.now()
    if (this.#pressure) {
      ownLog.record(journalRelieved(this.#pressure.reason, this.#pressure.from, now), 'journal.pressure')
    }
    this.#pressure = pressure && { reason: pressure.reason, from: now }
    if (pressure) ownLog.record(journalPressed(pressure), 'journal.pressure')
  }
}
