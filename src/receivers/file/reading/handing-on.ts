/**
 * From whole lines to the intake: as they are, or framed into records. Holds what is not committed yet, and knows where
 * to go back to when something of it fails.
 *
 * Invariants: framed records travel one chunk at a time, so that what is committed is a position to go back to; lines
 * whose records are still in the making hold the position back.
 */
import type { StreamPosition } from '../../../event/batch.ts'
import type { StreamContext } from '../../../event/record.ts'
import type { FileContext } from '../file-context.ts'
import { type FramingRules, framingOf } from '../framing/begin.ts'
import { FramedLines } from '../framing/framed-lines.ts'
import { byteLineEnds } from '../framing/line-ends.ts'
import { checkedPosition } from '../identity/describe.ts'
import type { ByteSource } from '../source/byte-source.ts'
import type { LineReader, WholeLines } from './line-reader.ts'
import { Outgoing } from './outgoing.ts'

export class HandingOn {
  readonly outgoing: Outgoing
  /** Null where each line is a record; undefined until that is known. */
  framed: FramedLines | null | undefined
  /** Records committed since the start. */
  records = 0
  #resumeAt: StreamPosition = { offset: 0, ranges: [] }
  #preset: string | undefined
  /** Bytes of the budget that lines hold whose records are not committed. */
  #owed = 0
  readonly #lines: LineReader
  readonly #context: FileContext
  readonly #committed: () => void

  /** `settled` is called after each commit or failure, `committed` only after those that worked. */
  constructor(lines: LineReader, context: FileContext, on: { settled: () => void; committed: () => void }) {
    this.#lines = lines
    this.#context = context
    this.#committed = on.committed
    this.outgoing = new Outgoing(context.signal, on.settled)
  }

  /** A stream goes on, or begins, at `position`. */
  resume(position: StreamPosition, preset: string | undefined): void {
    this.#resumeAt = position
    this.#preset = preset
    this.framed = undefined
    this.outgoing.committed = position.offset
  }

  /** Where a restart would resume. */
  get position(): StreamPosition {
    if (this.framed) return this.framed.committed
    return { offset: this.#lines.next, ranges: this.framed === null ? [] : this.#resumeAt.ranges }
  }

  /** Nothing waits for a commit, or (if `last` says that no more will come) for the rest of its record. */
  isIdle(last: boolean): boolean {
    if (this.framed?.isReady || (last && this.framed?.isPending)) return false
    return this.outgoing.count === 0 && !this.outgoing.failure
  }

  /** Finds out how lines become records, once there is something to read. */
  async begin(source: ByteSource): Promise<void> {
    if (this.framed !== undefined) return
    const framing = await framingOf(source, this.#rules(), this.#resumeAt)
    this.framed = framing && new FramedLines(framing, this.#resumeAt)
    this.#lines.lineEnds = framing?.lineEnds ?? byteLineEnds
  }

  #rules(): FramingRules {
    const { detector, framing } = this.#context
    return (this.#preset === undefined ? undefined : detector?.framing(this.#preset)) ?? framing
  }

  /** `done` is called once the memory of lines that are handed on as they are is not used any more. */
  take(stream: StreamContext, lines: WholeLines, done: () => void): void {
    if (!this.framed) {
      this.#send(stream, lines, done)
      return
    }
    this.framed.take(lines, this.#context.clock.monotonic())
    this.#lines.checks.keep(this.framed.places)
    this.#owed += lines.bytes.length
    if (!this.sendFramed(stream)) this.#release()
  }

  /** The next chunk of framed records. It travels alone, and the one behind it only once it is committed. */
  sendFramed(stream: StreamContext): boolean {
    const { framed } = this
    const chunk = framed?.next()
    if (!framed || !chunk) return false
    const { intake, clock, signal } = this.#context
    const { bytes, frames, oversize, position } = chunk
    const { offset } = framed.committed
    const sent = { stream, bytes, offset, observed: clock.now(), frames, ...(oversize && { oversize }) }
    this.outgoing.send(intake.lines(sent, this.#checked(position), signal), {
      from: offset,
      to: position.offset,
      committed: ({ records }) => {
        framed.settle(chunk)
        this.#count(records)
      },
      release: () => {
        if (!framed.isReady) this.#release()
      },
    })
    this.#lines.checks.release()
    return true
  }

  /**
   * At the end of the input: whether records are whole now because no more is expected of them. `last`: nothing more will
   * come; `since`: when an unfinished line last grew, 0 without one.
   */
  completes(last: boolean, since: number): boolean {
    const { framed } = this
    if (!framed) return false
    if (last) framed.flush()
    else framed.quiet(this.#context.clock.monotonic(), since)
    return framed.isReady
  }

  /** Something failed: nothing behind it is in the journal. Returns where to read on. */
  goBack(from: number): number {
    this.outgoing.failure = null
    const offset = this.framed?.goBack() ?? from
    this.#release()
    return offset
  }

  #send(
    stream: StreamContext,
    { bytes, offset, skipped, end, oversize }: WholeLines,
    done: () => void,
  ): void {
    const { intake, clock, budget, signal } = this.#context
    const chunk = { stream, bytes, offset, observed: clock.now(), ...(oversize ? { oversize } : {}) }
    const length = bytes.length
    this.outgoing.send(intake.lines(chunk, this.#checked({ offset: end, ranges: [] }), signal), {
      from: offset - skipped,
      to: end,
      committed: ({ records }) => this.#count(records),
      release: () => {
        budget.release(length)
        done()
      },
    })
    this.#lines.checks.release()
  }

  #checked(position: StreamPosition): StreamPosition {
    return checkedPosition(this.#lines.checks, position)
  }

  #count(records: number): void {
    this.records += records
    this.#committed()
  }

  #release(): void {
    this.#context.budget.release(this.#owed)
    this.#owed = 0
  }
}
