/**
 * The agent's own events that belong to no stream, on their way into the journal.
 *
 * Invariants: who records something never waits for it; events reach the journal in the order in which they were
 * recorded, and wait for it when it is full or fails; memory is bounded, because of each kind only the first few are
 * recorded one by one, and what comes faster, or finds the queue full, is folded into one event that says how many it
 * stands for.
 */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { EncodedBatch } from '../event/batch.ts'
import type { Journal } from '../journal/contract.ts'
import type { Log } from '../telemetry/log.ts'
import type { OwnEventDraft, OwnEvents } from './own-events.ts'
import { type Folded, fold, OwnRate, unfold } from './own-rate.ts'
import type { RoutedBatch } from './routes-in-use.ts'
import { StreamQueue } from './stream-queue.ts'

/** Events that may wait for the journal. */
const mostWaiting = 256
/** How often a folded event looks for a place in the queue, milliseconds. */
const retryEvery = 1_000

export interface OwnLogOptions {
  /** The stream of own events. */
  readonly run: string
  readonly ownEvents: Pick<OwnEvents, 'encode'>
  readonly clock: Clock
  readonly log: Log
}

interface Kind {
  readonly rate: OwnRate
  folded: Folded | null
}

export class OwnLog {
  readonly #options: OwnLogOptions
  readonly #kinds = new Map<string, Kind>()
  /** Recorded before there was a journal. */
  readonly #early: { readonly action: string; readonly batch: RoutedBatch<EncodedBatch> }[] = []
  readonly #waiting = new Set<Promise<boolean>>()
  readonly #closing = new AbortController()
  /** Ends the waiting for the journal. */
  readonly #patience = new AbortController()
  #queue: StreamQueue | null = null

  constructor(options: OwnLogOptions) {
    this.#options = options
  }

  /** From here on events reach the journal, first those that were recorded before. */
  open(journal: Pick<Journal, 'append' | 'waitForRoom'>): void {
    this.#queue = new StreamQueue(journal, () => {})
    for (const { action, batch } of this.#early.splice(0)) void this.#append(action, batch)
  }

  /**
   * Never waits and never throws. Events of the same `kind` share a rate; a state and its end are one kind, so that
   * the last word on it stays the last.
   */
  record(draft: OwnEventDraft, kind: string = draft.action): void {
    const { clock, log } = this.#options
    if (this.#closing.signal.aborted) {
      log.warn({ action: draft.action }, 'own event came after the last one and is not in the journal')
      return
    }
    let known = this.#kinds.get(kind)
    if (!known) {
      known = { rate: new OwnRate(clock.monotonic()), folded: null }
      this.#kinds.set(kind, known)
    }
    const isFirst = known.folded === null
    known.folded = fold(known.folded, draft, clock.now())
    if (isFirst && !this.#release(known)) void this.#releaseLater(known)
  }

  /**
   * At once and by itself, however many there were before: what somebody asked for. Resolves once it is on disk; false when
   * it cannot be, or nothing is recorded any more. Only with a journal.
   */
  async write(draft: OwnEventDraft): Promise<boolean> {
    if (this.#closing.signal.aborted || !this.#queue) return false
    return await this.#append(draft.action, this.#options.ownEvents.encode(draft))
  }

  /**
   * Resolves once the journal has answered for all that was recorded until now, except what is folded and waits for its
   * turn: true when all of it is on disk.
   */
  async settled(): Promise<boolean> {
    return (await Promise.all(this.#waiting)).every(Boolean) && this.#early.length === 0
  }

  /** Records what is folded, then `last`, if any, and nothing after it. Resolves once all is on disk, or `patience` aborts. */
  async close(last: OwnEventDraft | undefined, patience: AbortSignal): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    for (const kind of this.#kinds.values()) if (kind.folded) this.#write(kind, kind.folded)
    if (last) void this.#append(last.action, this.#options.ownEvents.encode(last))
    const abort = () => this.#patience.abort(patience.reason)
    if (patience.aborted) abort()
    patience.addEventListener('abort', abort, { once: true })
    await this.settled()
    patience.removeEventListener('abort', abort)
  }

  #release(kind: Kind): boolean {
    const full = this.#waiting.size + this.#early.length >= mostWaiting
    if (full || !kind.folded || !kind.rate.take(this.#options.clock.monotonic())) return false
    this.#write(kind, kind.folded)
    return true
  }

  async #releaseLater(kind: Kind): Promise<void> {
    const { clock } = this.#options
    try {
      do await clock.sleep(kind.rate.wait(clock.monotonic()) || retryEvery, this.#closing.signal)
      while (!this.#release(kind))
    } catch {
      // Closed: what is folded has been written by that.
    }
  }

  #write(kind: Kind, folded: Folded): void {
    kind.folded = null
    const draft = unfold(folded)
    const batch = this.#options.ownEvents.encode(draft, folded.at)
    if (this.#queue) void this.#append(draft.action, batch)
    else this.#early.push({ action: draft.action, batch })
  }

  #append(action: string, batch: RoutedBatch<EncodedBatch>): Promise<boolean> {
    if (!this.#queue) return Promise.resolve(false)
    const { run, log } = this.#options
    const entry = { batch, update: { stream: run }, reserve: true }
    const committed = this.#queue.add({ ...entry, signal: this.#patience.signal }).then(
      () => true,
      (thrown: unknown) => {
        log.error(
          { action, reason: asError(thrown).message },
          'own event could not be written to the journal',
        )
        return false
      },
    )
    this.#waiting.add(committed)
    void committed.then(() => this.#waiting.delete(committed))
    return committed
  }
}
