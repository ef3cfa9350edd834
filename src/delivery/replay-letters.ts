/**
 * Dead letters of one sink sent once more, file by file. An accepted letter is noted beside its file, durably, before it
 * counts; at the end of each file, also when somebody ends it all, those that were accepted are taken out. One that is
 * refused again stays, with the new reason.
 */
import type { Clock } from '../clock.ts'
import type { Outcome, Sink } from '../sinks/sink.ts'
import { Bell } from './bell.ts'
import { AdaptiveConcurrency } from './concurrency.ts'
import type { DeliveryConfig } from './config.ts'
import { type DeadLetters, encodeLetter } from './dead-letters.ts'
import { type LetterBatch, type LetterEntry, type LetterTargets, letterBatches } from './letter-batches.ts'
import { sendBatch } from './letter-sender.ts'
import { type KeptLetter, keyOf } from './letters-on-disk.ts'
import { removeOrphanNotes, rewriteLetters } from './rewrite-letters.ts'
import { SeenLetters } from './seen-letters.ts'
import { readSent, SentNotes } from './sent-letters.ts'

/** Requests that are under way when somebody ends it are waited for so long. Milliseconds. */
const patience = 5_000

export interface LetterReplayOptions {
  /** Started; not stopped here. */
  readonly sink: Sink
  readonly deadLetters: Pick<DeadLetters, 'directory' | 'still' | 'measure'>
  /** Seqs, both included. */
  readonly from: number
  readonly to: number
  readonly targets: LetterTargets
  readonly config: Pick<DeliveryConfig, 'batch' | 'concurrency' | 'retry'>
  readonly clock: Clock
  readonly random: () => number
}

export interface LetterProgress {
  /** Letters that are with the destination now, and out of the store, or about to be. */
  readonly accepted: number
  /** Refused again. */
  readonly refused: number
  readonly waiting: string | undefined
}

/** `done`: every letter was tried. `given_up`: the destination refuses them all. `ended`: the signal came. */
export type LetterEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'given_up'; readonly reason: string }
  | { readonly kind: 'ended' }

/** Partitions. */
const MOST_TOLD = 1_000

interface Refusal {
  readonly reason: string
  readonly attempts: number
}

export class LetterReplay {
  readonly #options: LetterReplayOptions
  readonly #concurrency: AdaptiveConcurrency
  /** Partitions that are not taken, and why. */
  readonly #barred = new Map<string, string>()
  /** Accepted letters, by event and partition. */
  readonly #gone = new SeenLetters()
  readonly #waiting = new Map<object, string>()
  /** Partitions that were taken in this run; as many as are worth telling apart. */
  readonly #taken = new Set<string>()
  /** Something ended, or waits. */
  readonly #bell = new Bell()
  readonly #underWay = new Set<Promise<void>>()
  readonly #sending = new AbortController()
  #accepted = 0
  #refused = 0
  #gaveUp: string | undefined
  #failure: unknown

  constructor(options: LetterReplayOptions) {
    this.#options = options
    this.#concurrency = new AdaptiveConcurrency(options.config.concurrency)
  }

  get progress(): LetterProgress {
    const [waiting] = this.#underWay.size > this.#waiting.size ? [] : this.#waiting.values()
    return { accepted: this.#accepted, refused: this.#refused, waiting }
  }

  /** Rejects when the disk does not take what must be noted: then what was noted is out of the store. */
  async run(signal: AbortSignal): Promise<LetterEnd> {
    const { deadLetters, clock } = this.#options
    const files = await deadLetters.still()
    const limit = new AbortController()
    const abort = () =>
      void clock.sleep(patience, limit.signal).then(
        () => this.#sending.abort(),
        () => undefined,
      )
    signal.addEventListener('abort', abort, { once: true })
    signal.addEventListener('abort', this.#bell.ring, { once: true })
    try {
      await removeOrphanNotes(deadLetters.directory)
      for (const path of files) {
        if (this.#isOver(signal)) break
        await this.#replayFile(path, signal)
      }
    } finally {
      signal.removeEventListener('abort', abort)
      signal.removeEventListener('abort', this.#bell.ring)
      limit.abort()
      await deadLetters.measure()
    }
    if (this.#gaveUp !== undefined) return { kind: 'given_up', reason: this.#gaveUp }
    return { kind: signal.aborted ? 'ended' : 'done' }
  }

  #isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.#gaveUp !== undefined || this.#failure !== undefined
  }

  async #replayFile(path: string, signal: AbortSignal): Promise<void> {
    const { from, to, targets, config } = this.#options
    const { max_bytes: maxBytes, max_events: maxEvents } = config.batch
    const sent = await readSent(path)
    const refusals = new Map<number, Refusal>()
    /** Accepted before, in another file. */
    const copies = new Set<number>()
    const isDue = (letter: KeptLetter, number: number): boolean => {
      const key = keyOf(letter)
      if (sent.has(number)) this.#gone.add(key)
      else if (this.#gone.has(key)) copies.add(number)
      else return true
      return false
    }
    const before = this.#accepted
    {
      await using notes = new SentNotes(path)
      const cut = { path, from, to, limits: { maxBytes, maxEvents }, targets, isDue }
      for await (const letters of letterBatches(cut)) {
        if (!(await this.#room(signal))) break
        const task = this.#send(letters, notes, refusals, signal).catch((error: unknown) => {
          this.#failure ??= error
        })
        this.#underWay.add(task)
        void task.finally(() => {
          this.#underWay.delete(task)
          this.#bell.ring()
        })
      }
      await Promise.all(this.#underWay)
    }
    if (this.#accepted > before || sent.size > 0 || copies.size > 0 || refusals.size > 0) {
      await rewriteLetters(path, (letter, number) => {
        if (copies.has(number)) return null
        const refusal = refusals.get(number)
        return refusal === undefined ? letter.line : this.#refusedAgain(letter, refusal)
      })
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Resolves once one more batch may be under way; false when there is to be none. */
  async #room(signal: AbortSignal): Promise<boolean> {
    while (!this.#isOver(signal) && !this.#hasRoom()) await this.#bell.wait()
    return !this.#isOver(signal)
  }

  #hasRoom(): boolean {
    const { size } = this.#underWay
    const { limit, max } = this.#concurrency
    if (size < limit) return true
    // When all that is under way waits, one more shows whether others are taken.
    return this.#options.sink.partition !== undefined && size <= max && this.#waiting.size >= size
  }

  #isAlone(partition: string): boolean {
    return this.#taken.size > 0 && this.#taken.size < MOST_TOLD && !this.#taken.has(partition)
  }

  async #send(
    { batch, entries, refusal }: LetterBatch,
    notes: SentNotes,
    refusals: Map<number, Refusal>,
    signal: AbortSignal,
  ): Promise<void> {
    const refuse = (index: number, reason: string, attempts: number) => {
      const { numbers } = entries[index]!
      // Where it goes twice, it counts once.
      if (!refusals.has(numbers[0]!)) this.#refused++
      for (const number of numbers) refusals.set(number, { reason, attempts })
    }
    const barred = refusal ?? this.#barred.get(batch.partition)
    if (barred !== undefined) {
      for (const index of entries.keys()) refuse(index, barred, 0)
      return
    }
    const { sink, config, clock, random } = this.#options
    const accepted: LetterEntry[] = []
    const result = await sendBatch(batch, {
      sink,
      retry: config.retry,
      clock,
      random,
      attempted: (outcome, begun) => this.#attempted(outcome, begun),
      accepted: ({ from, to }) => {
        for (const entry of entries.slice(from, to)) if (--entry.left === 0) accepted.push(entry)
      },
      waiting: (reason) => {
        if (reason === undefined) this.#waiting.delete(batch)
        else this.#waiting.set(batch, reason)
        this.#bell.ring()
      },
      isAlone: (partition) => this.#isAlone(partition),
      barred: (partition, reason) => this.#barred.set(partition, reason),
      sending: this.#sending.signal,
      patience: signal,
    }).finally(() => this.#waiting.delete(batch))
    for (const { index, reason } of result.refused) refuse(index, reason, result.attempts)
    await notes.add(accepted.flatMap(({ numbers }) => numbers))
    this.#accepted += accepted.length
    if (accepted.length > 0 && this.#taken.size < MOST_TOLD) this.#taken.add(batch.partition)
    for (const { key } of accepted) this.#gone.add(key)
    if (result.gaveUp && this.#accepted === 0) this.#gaveUp ??= result.refused[0]?.reason
  }

  #attempted(outcome: Outcome, begun: number): void {
    const busy = this.#underWay.size >= this.#concurrency.limit
    this.#concurrency.note(outcome, begun, this.#options.clock.monotonic(), busy)
  }

  /** The same letter with what was said this time. */
  #refusedAgain({ seq, attempts, partition, event, time }: KeptLetter, refusal: Refusal): Uint8Array {
    const { reason } = refusal
    const line = event.subarray(0, -1)
    const { name: sink } = this.#options.sink
    const letter = { sink, seq, attempts: attempts + refusal.attempts, reason, partition, line }
    return Buffer.concat(encodeLetter(letter, time))
  }
}
