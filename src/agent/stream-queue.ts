/**
 * One stream's batches on their way into the journal, in order, for inputs that can wait: under pressure batches wait
 * in memory and the file on disk.
 *
 * Invariants: batches are appended in the order in which they came, whichever is normalised first; the next one does
 * not wait for the commit before it; what the journal refuses is appended again once it has room, and nothing of the
 * stream overtakes it; when one fails for good, what came behind it fails too, so that reading can go back to it.
 */
import { AffiantError, asError } from '../errors.ts'
import type { Commit, EncodedBatch, StreamUpdate } from '../event/batch.ts'
import type { AppendOrder, Journal } from '../journal/contract.ts'
import type { RoutedBatch } from './routes-in-use.ts'

export interface Entry {
  readonly batch: Pick<RoutedBatch<EncodedBatch>, 'inTurn'>
  readonly update: StreamUpdate
  /** Ends the waiting for room. */
  readonly signal: AbortSignal
  readonly reserve: boolean
  /** Called before anything else can be added, when the entry fails for good. */
  readonly failed?: () => void
}

interface Queued extends Entry {
  readonly number: number
  readonly resolve: (commit: Commit) => void
  readonly reject: (error: Error) => void
}

export class StreamQueue {
  readonly #journal: Pick<Journal, 'append' | 'waitForRoom'>
  readonly #emptied: () => void
  #order: AppendOrder = { broken: false }
  #next = 0
  /** Not appended yet, or to be appended again. */
  #waiting: Queued[] = []
  /** Refused, while others of the same order are still being answered. */
  #refused: Queued[] = []
  #appended = 0
  /** What made one of this order fail for good. */
  #failure: Error | null = null
  #advancing = false

  /** `emptied` is called each time everything has settled. */
  constructor(journal: Pick<Journal, 'append' | 'waitForRoom'>, emptied: () => void) {
    this.#journal = journal
    this.#emptied = emptied
  }

  /** Resolves after the commit. Rejects when `signal` aborts, or with an error that waiting cannot mend. */
  add(entry: Entry): Promise<Commit> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...entry, number: this.#next++, resolve, reject })
      void this.#advance()
    })
  }

  /** Appends what has its turn. Only one runs at a time. */
  async #advance(): Promise<void> {
    if (this.#advancing) return
    this.#advancing = true
    for (let first = this.#waiting[0]; first && !this.#order.broken; first = this.#waiting[0]) {
      try {
        first.signal.throwIfAborted()
        await first.batch.inTurn((batch) => {
          // While it was being normalised one before it may have been refused.
          if (this.#order.broken) return
          this.#waiting.shift()
          this.#append(first, batch)
        })
      } catch (thrown) {
        this.#failAll(asError(thrown))
      }
    }
    this.#advancing = false
    this.#settled()
  }

  #append(queued: Queued, batch: EncodedBatch): void {
    const { update, reserve, resolve } = queued
    this.#appended++
    this.#journal
      .append(batch, update, { reserve, order: this.#order })
      .then(resolve, (thrown: unknown) => {
        // Also where the journal threw before it could say so: nothing may follow.
        this.#order.broken = true
        if (!canPass(thrown)) this.#failure ??= asError(thrown)
        this.#refused.push(queued)
      })
      .finally(() => {
        this.#appended--
        this.#settled()
      })
  }

  #settled(): void {
    if (this.#appended > 0 || this.#advancing) return
    if (this.#order.broken) void this.#again()
    else if (this.#waiting.length === 0) this.#emptied()
  }

  /** Everything of the broken order is answered: what was refused goes first in the next. */
  async #again(): Promise<void> {
    this.#order = { broken: false }
    this.#waiting = [...this.#refused, ...this.#waiting].sort((a, b) => a.number - b.number)
    this.#refused = []
    this.#advancing = true
    try {
      if (this.#failure) throw this.#failure
      const [first] = this.#waiting
      if (first) await this.#journal.waitForRoom(first.signal)
    } catch (thrown) {
      this.#failAll(asError(thrown))
    }
    this.#failure = null
    this.#advancing = false
    await this.#advance()
  }

  #failAll(error: Error): void {
    for (const queued of this.#waiting.splice(0)) {
      queued.failed?.()
      queued.reject(error)
    }
  }
}

const canPass = (error: unknown): boolean =>
  error instanceof AffiantError && (error.code === 'journal_full' || error.code === 'journal_unavailable')
