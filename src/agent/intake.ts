/**
 * The way from a receiver into the journal: normalise, commit, tell the receiver. One intake per receiver.
 *
 * Invariant: blocks of one stream are appended in the order in which its chunks were handed in, whichever
 * normaliser finishes first, and nothing of a stream overtakes what the journal refused.
 */
import { hash } from 'node:crypto'
import type { Commit, EncodedBatch, StreamPosition, StreamUpdate } from '../event/batch.ts'
import type { LineChunk, RecordChunk, StreamContext } from '../event/record.ts'
import { ofChunk, type RecordMarks } from '../event/record-marks.ts'
import type { Journal } from '../journal/contract.ts'
import type { NormalisedBatch, Normaliser } from '../normalise/contract.ts'
import type { Intake, Receipt, RecordsOptions } from '../receivers/receiver.ts'
import type { Notify } from '../receivers/server/notice.ts'
import type { IntakeMeter } from './intake-meter.ts'
import { emptyBatch, type OwnEvents } from './own-events.ts'
import { MemoWriter, receiverTag } from './record-memo.ts'
import type { RoutedBatch, RoutesInUse } from './routes-in-use.ts'
import { StreamQueue } from './stream-queue.ts'

export interface IntakeOptions {
  readonly journal: Pick<Journal, 'append' | 'waitForRoom' | 'durableSeq' | 'pressure'>
  /** Asked again once routes have changed. */
  readonly normaliser: Normaliser
  readonly routes: Pick<RoutesInUse, 'batch'>
  readonly ownEvents: OwnEvents
  readonly meter: IntakeMeter
  /** What is to be on record of who delivers. */
  readonly notify?: Notify
}

export function createIntake(options: IntakeOptions): Intake {
  const { journal, normaliser, routes, ownEvents, meter, notify } = options
  const queues = new Map<string, StreamQueue>()
  /** Per stream of records: settles when the next block may be appended. Never rejects. */
  const turns = new Map<string, Promise<unknown>>()

  /**
   * Per stream of lines: where bytes begin that were given back. A chunk behind them that was read before its reader
   * heard of it must not be taken in: its position would say that they were, too.
   */
  const givenBack = new Map<string, number>()

  function append(
    batch: RoutedBatch<EncodedBatch>,
    update: StreamUpdate,
    signal: AbortSignal,
    reserve: boolean,
    failed?: () => void,
  ): Promise<Commit> {
    const { stream } = update
    let queue = queues.get(stream)
    if (!queue) {
      queue = new StreamQueue(journal, () => queues.delete(stream))
      queues.set(stream, queue)
    }
    return queue.add({ batch, update, signal, reserve, ...(failed && { failed }) })
  }

  function receipt(batch: NormalisedBatch, commit: Commit): Receipt {
    const { records, skipped, unparsed, incomplete, rejected } = batch
    return { ...commit, records, skipped, unparsed, incomplete, rejected }
  }

  function tellOfScopes({ rejected }: NormalisedBatch, { peer, stream }: RecordChunk): void {
    const outside = rejected.flatMap(({ scope }) => scope ?? [])
    const [scope] = outside
    if (scope === undefined) return
    const { receiver } = stream
    const records = outside.length
    notify?.({ kind: 'out_of_scope', receiver, ip: peer?.ip, authId: peer?.auth_id, records, scope })
  }

  return {
    lines: async (chunk: LineChunk, position: StreamPosition, signal: AbortSignal) => {
      const stream = chunk.stream.id
      const { offset } = chunk
      const from = givenBack.get(stream)
      if (from !== undefined && offset > from)
        throw new Error(`bytes from ${from} on are to be read again first`)
      givenBack.delete(stream)
      const failed = () => {
        givenBack.set(stream, Math.min(offset, givenBack.get(stream) ?? offset))
      }
      const normalised = routes.batch(() => normaliser.lines(chunk))
      const bytes = chunk.bytes.length
      const commit = await append(normalised, { stream, position }, signal, false, failed)
      const batch = await normalised.made
      meter.committed(batch, bytes, normalised.table.routes)
      return receipt(batch, commit)
    },

    records: async (chunk: RecordChunk, { descriptor, hashes = false }: RecordsOptions = {}) => {
      const normalised = routes.batch(() => normaliser.records(chunk))
      // Clients wait for their answers, so that commits may be grouped: only the order of appends is kept.
      const turn = turns.get(chunk.stream.id) ?? Promise.resolve()
      const appended = turn.then(() =>
        normalised.inTurn((batch) => {
          const memo = memoOf(chunk, batch)
          const commit =
            batch.count === 0 && descriptor === undefined && memo === undefined
              ? Promise.resolve({ firstSeq: journal.durableSeq, count: 0 })
              : journal.append(batch, {
                  stream: chunk.stream.id,
                  ...(descriptor && { descriptor }),
                  ...(memo && { memo }),
                })
          commit.catch(() => {})
          return { batch, commit }
        }),
      )
      const settled = appended.then(
        () => {},
        () => {},
      )
      turns.set(chunk.stream.id, settled)
      // Streams come and go: what nobody waits for is not kept.
      void settled.then(() => {
        if (turns.get(chunk.stream.id) === settled) turns.delete(chunk.stream.id)
      })
      const { batch, commit } = await appended
      // While the disk is written to.
      const digests = hashes ? eventHashes(batch) : undefined
      const committed = await commit
      meter.committed(batch, 0, normalised.table.routes)
      tellOfScopes(batch, chunk)
      const seqs = chunk.marks && seqsOf(chunk.marks, batch, committed)
      return { ...receipt(batch, committed), ...(digests && { hashes: digests }), ...(seqs && { seqs }) }
    },

    openStream: (stream: StreamContext, opened, signal) => {
      const batch = ownEvents.streamOpened(stream, opened.metadata)
      return append(batch, opened.update, signal, true)
    },

    noteStream: (stream: StreamContext, note, signal) => {
      const batch = ownEvents.streamNote(stream, note)
      return append(batch, note.update ?? { stream: stream.id }, signal, true)
    },

    updateStream: (update: StreamUpdate, signal) =>
      append(
        routes.batch(() => emptyBatch),
        update,
        signal,
        true,
      ),

    outOfScope: async (chunk: RecordChunk) => {
      const batch = await normaliser.records(chunk)
      const rejected = batch.rejected.filter(({ scope }) => scope !== undefined)
      meter.outOfScope(rejected.length)
      tellOfScopes(batch, chunk)
      return rejected
    },

    repeated: (repeats) => meter.repeated(repeats),

    pressure: () => journal.pressure,
  }
}

function eventHashes({ payload, lengths }: EncodedBatch): string[] {
  let at = 0
  return Array.from(lengths, (length) => {
    const start = at
    at += length + 1
    return hash('sha256', payload.subarray(start, start + length))
  })
}

/** What the chunk's block is remembered by: the marks of records that have an event. */
function memoOf({ marks, stream }: RecordChunk, batch: NormalisedBatch): Uint8Array | undefined {
  if (marks === undefined) return undefined
  const { records } = marks
  const memo = new MemoWriter(receiverTag(stream.receiver), records.length)
  for (let mark = 0; mark < records.length; mark++) {
    const record = records[mark]!
    const event = record === ofChunk ? undefined : firstEvent(batch, record)
    if (record === ofChunk || event !== undefined) memo.add(event, marks, mark)
  }
  return memo.bytes
}

function seqsOf(
  { records }: RecordMarks,
  batch: NormalisedBatch,
  { firstSeq }: Commit,
): (number | undefined)[] {
  const seqs: (number | undefined)[] = []
  for (const record of records) {
    const event = record === ofChunk ? 0 : firstEvent(batch, record)
    seqs.push(event === undefined ? undefined : firstSeq + event)
  }
  return seqs
}

function firstEvent({ firstEvents }: NormalisedBatch, record: number): number | undefined {
  const event = firstEvents?.[record] ?? -1
  return event < 0 ? undefined : event
}
