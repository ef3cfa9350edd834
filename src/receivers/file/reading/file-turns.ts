/**
 * What a file does when it is its turn: it recovers from a failure, ends a generation, finds out which stream it is, says
 * where it is now, or reads a chunk and hands it on.
 *
 * Invariants: a stream is opened, and that committed, before its first chunk; at most `chunksInFlight` chunks are in flight;
 * reading goes back to a chunk that failed and never steps over it; a truncated file becomes a new generation
 * only when everything read from the old one is committed.
 */
import type { StreamContext } from '../../../event/record.ts'
import type { FileContext } from '../file-context.ts'
import { endCorrupt, endGeneration } from '../identity/endings.ts'
import { describeAgain, identify } from '../identity/identify.ts'
import { GzipFault } from '../source/gunzip.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import type { FollowedFile } from './followed-file.ts'
import type { Reading } from './line-reader.ts'

/** Milliseconds until what failed is tried again; twice as many after each failure. */
const firstRetry = 1_000
const lastRetry = 30_000

/** `again`: there may be more to do at once. `rest`: a commit, a growth or the poll wakes it. */
export type Turn = 'again' | 'rest'

export class FileTurns {
  readonly #file: FollowedFile
  readonly #context: FileContext
  #retryDelay = firstRetry

  constructor(file: FollowedFile, context: FileContext) {
    this.#file = file
    this.#context = context
  }

  /** Something of the file was committed. */
  worked(): void {
    this.#retryDelay = firstRetry
  }

  /** Does one thing. Rejects when reading fails, or with the signal's reason. */
  async take(buffers: ChunkBuffers): Promise<Turn> {
    const file = this.#file
    const { outgoing, handing } = file
    if (file.closed || file.ignored) return 'rest'
    if (file.unplaced) return 'rest'
    if (file.predecessor && !file.predecessor.drained) return 'rest'
    file.predecessor = null
    file.lookWhose()
    const mustBeAlone =
      outgoing.failure ||
      outgoing.opening ||
      file.truncated ||
      !file.stream ||
      handing.framed !== null ||
      file.descriptorChanged
    file.waiting = outgoing.count >= (mustBeAlone ? 1 : this.#context.chunksInFlight)
    if (file.waiting) return 'rest'
    if (outgoing.failure) return this.#recover(outgoing.failure)
    if (file.truncated) handing.framed?.flush()
    if (file.stream && handing.sendFramed(file.stream)) return 'again'
    if (file.truncated) {
      await endGeneration(file, this.#context)
      file.beginAgain()
      return 'again'
    }
    if (!file.stream) {
      const turn = await identify(file, this.#context)
      this.#context.settled(file)
      return turn
    }
    if (file.descriptorChanged) {
      describeAgain(file, this.#context)
      return 'again'
    }
    return await this.#read(file.stream, buffers)
  }

  async #read(stream: StreamContext, buffers: ChunkBuffers): Promise<Turn> {
    const file = this.#file
    await file.handing.begin(file.found.source)
    const scratch = buffers.take()
    const expected = file.expected
    const { seen } = file.growth
    const begun = this.#context.clock.now()
    let held = false
    try {
      const reading = file.finishing
        ? await file.lines.rest(scratch, file.head)
        : await file.lines.read(scratch, file.head)
      if (reading.kind !== 'truncated') file.growth.confirm(Math.max(seen, file.lines.scanned), begun)
      held = reading.kind === 'lines' && reading.inScratch && !file.handing.framed
      const turn = this.#takeIn(stream, reading, expected, () => {
        if (held) buffers.give(scratch)
      })
      return expected === file.expected ? turn : 'again'
    } catch (error) {
      if (!(error instanceof GzipFault)) throw error
      return this.#endHere(error)
    } finally {
      if (!held) buffers.give(scratch)
    }
  }

  /** What follows cannot be read. */
  #endHere(fault: GzipFault): Turn {
    const file = this.#file
    const { framed } = file.handing
    framed?.flush()
    if (framed?.isReady) return 'again'
    file.corrupt = true
    file.ignored = true
    const offset = file.lines.next
    file.outgoing.send(endCorrupt(file, this.#context, fault.message), { from: offset, to: offset })
    return 'rest'
  }

  #takeIn(stream: StreamContext, reading: Reading, expected: number, done: () => void): Turn {
    const file = this.#file
    if (reading.kind === 'end') {
      const fault = file.gzip?.fault
      if (fault) return this.#endHere(fault)
      file.atEnd = expected === file.expected
      if (file.atEnd && file.handing.completes(file.finishing, file.unfinishedSince)) return 'again'
      this.#context.settled(file)
      return 'rest'
    }
    if (reading.kind === 'truncated') file.truncated = true
    else file.growth.to(file.lines.scanned)
    if (reading.kind !== 'lines') {
      file.finishing = false
      return 'again'
    }
    file.atEnd = !reading.more && expected === file.expected
    file.handing.take(stream, reading, done)
    return reading.more || file.handing.framed ? 'again' : 'rest'
  }

  #recover(failure: { from: number; opens: boolean; error: unknown }): Turn {
    const file = this.#file
    const { log, clock } = this.#context
    log.error(
      { path: file.path, offset: failure.from, err: failure.error },
      'this could not be taken in; it will be read again',
    )
    if (failure.opens) {
      this.#context.relatives.remove(file)
      file.stream = null
    }
    file.lines.seek(file.handing.goBack(failure.from))
    file.notBefore = clock.monotonic() + this.#retryDelay
    this.#retryDelay = Math.min(this.#retryDelay * 2, lastRetry)
    return 'again'
  }
}
