/** Batches of one normaliser's runs, one after the other, as the one batch that the chunk makes. */
import type { NormalisedBatch } from './contract.ts'

/** What was made of one run, and how many records of the chunk that were. */
export interface RunBatch {
  readonly batch: NormalisedBatch
  readonly taken: number
}

/** @param runs at least one; all with the same routes */
export function joinBatches(runs: readonly RunBatch[]): NormalisedBatch {
  const batches = runs.map(({ batch }) => batch)
  const [batch] = batches
  if (batch === undefined) throw new TypeError('there is no batch to join')
  if (batches.length === 1) return batch
  // All that is joined is copied: what it lay in is nobody's, and left to the garbage collector.
  const { memory: _, ...first } = batch
  const sum = (of: (batch: NormalisedBatch) => number) =>
    batches.reduce((total, batch) => total + of(batch), 0)
  return {
    ...first,
    count: sum(({ count }) => count),
    payload: Buffer.concat(batches.map(({ payload }) => payload)),
    lengths: joined(batches.map(({ lengths }) => lengths)),
    raw: Buffer.concat(batches.map(({ raw }) => raw)),
    rawLengths: joined(batches.map(({ rawLengths }) => rawLengths)),
    routes: joined(batches.map(({ routes }) => routes)),
    records: sum(({ records }) => records),
    skipped: sum(({ skipped }) => skipped),
    unparsed: sum(({ unparsed }) => unparsed),
    incomplete: sum(({ incomplete }) => incomplete),
    rejected: rejectedOf(runs),
    ...(first.firstEvents && { firstEvents: firstEventsOf(runs) }),
    dropped: first.dropped.map((_, route) => sum(({ dropped }) => dropped[route]!)),
  }
}

/** By their index in the whole chunk. */
function rejectedOf(runs: readonly RunBatch[]): NormalisedBatch['rejected'] {
  let before = 0
  return runs.flatMap(({ batch, taken }) => {
    const from = before
    before += taken
    return batch.rejected.map((one) => ({ ...one, index: from + one.index }))
  })
}

/** By record of the whole chunk, in the whole batch. */
function firstEventsOf(runs: readonly RunBatch[]): Int32Array {
  let events = 0
  const places = runs.flatMap(({ batch }) => {
    const from = events
    events += batch.count
    return [...(batch.firstEvents ?? [])].map((place) => (place < 0 ? place : from + place))
  })
  return Int32Array.from(places)
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(parts.flatMap((part) => [...part]))
}
