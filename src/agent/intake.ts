/**
 * The way from a receiver into the journal: normalise, commit, tell the receiver. One intake per receiver.
 *
 * Invariant: blocks of one stream are appended in the order in which its chunks were handed in, whichever
 * normaliser finishes first. For lines an append also waits for the commit before it: a chunk that the journal
 * refused under pressure is tried again, and nothing of its stream may overtake it. Normalising the next chunk
 * goes on meanwhile, so the wait costs nothing.
 */
import type { Commit, StreamPosition, StreamUpdate } from '../event/batch.ts'
import type { LineChunk, RecordChunk, StreamContext } from '../event/record.ts'
import type { Journal } from '../journal/contract.ts'
import type { NormalisedBatch, Normaliser } from '../normalise/contract.ts'
import type { Intake, Receipt } from '../receivers/receiver.ts'
import { appendWhenRoom } from './append.ts'
import type { IntakeMeter } from './intake-meter.ts'
import { emptyBatch, type OwnEvents } from './own-events.ts'

export interface IntakeOptions {
  readonly journal: Journal
  readonly normaliser: Normaliser
  readonly ownEvents: OwnEvents
  readonly meter: IntakeMeter
}

export function createIntake({ journal, normaliser, ownEvents, meter }: IntakeOptions): Intake {
  /** Per stream: settles when the next block may be appended. Never rejects. */
  const turns = new Map<string, Promise<unknown>>()

  /** Runs `append` once everything handed in before on this stream has been appended. */
  async function inTurn<T>(stream: string, append: (previous: Promise<unknown>) => Promise<T>): Promise<T> {
    const previous = turns.get(stream) ?? Promise.resolve()
    const result = append(previous)
    const settled = result.then(
      () => {},
      () => {},
    )
    turns.set(stream, settled)
    try {
      return await result
    } finally {
      if (turns.get(stream) === settled) turns.delete(stream)
    }
  }

  function receipt(batch: NormalisedBatch, commit: Commit): Receipt {
    const { records, skipped, unparsed, incomplete } = batch
    return { ...commit, records, skipped, unparsed, incomplete }
  }

  return {
    lines: (chunk: LineChunk, position: StreamPosition, signal: AbortSignal) => {
      // Inline normalisers have their result at once; a failure must wait for its turn like a success.
      const normalised = Promise.resolve().then(() => normaliser.lines(chunk))
      normalised.catch(() => {})
      return inTurn(chunk.stream.id, async (previous) => {
        await previous
        const batch = await normalised
        const commit = await appendWhenRoom(journal, batch, { stream: chunk.stream.id, position }, signal)
        meter.committed(batch, chunk.bytes.length)
        return receipt(batch, commit)
      })
    },

    records: async (chunk: RecordChunk) => {
      const normalised = Promise.resolve().then(() => normaliser.records(chunk))
      normalised.catch(() => {})
      // Clients wait for their answers, so that commits may be grouped: only the order of appends is kept.
      const turn = turns.get(chunk.stream.id) ?? Promise.resolve()
      const appended = turn.then(async () => {
        const batch = await normalised
        const commit =
          batch.count === 0
            ? Promise.resolve({ firstSeq: journal.durableSeq, count: 0 })
            : journal.append(batch, { stream: chunk.stream.id })
        commit.catch(() => {})
        return { batch, commit }
      })
      const settled = appended.then(
        () => {},
        () => {},
      )
      turns.set(chunk.stream.id, settled)
      const { batch, commit } = await appended
      const committed = await commit
      meter.committed(batch, 0)
      return receipt(batch, committed)
    },

    openStream: (stream: StreamContext, opened, signal) =>
      inTurn(stream.id, async (previous) => {
        await previous
        const batch = ownEvents.streamOpened(stream, opened.metadata)
        return appendWhenRoom(journal, batch, opened.update, signal, { reserve: true })
      }),

    updateStream: (update: StreamUpdate, signal) =>
      inTurn(update.stream, async (previous) => {
        await previous
        return appendWhenRoom(journal, emptyBatch, update, signal, { reserve: true })
      }),

    pressure: () => journal.pressure,
  }
}
