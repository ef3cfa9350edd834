/** Batches of one normaliser's runs, one after the other, as the one batch that the chunk makes. */
import type { NormalisedBatch } from './contract.ts'

/** @param batches at least one; all with the same routes */
export function joinBatches(batches: readonly NormalisedBatch[]): NormalisedBatch {
  const [first] = batches
  if (first === undefined) throw new TypeError('there is no batch to join')
  if (batches.length === 1) return first
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
    dropped: first.dropped.map((_, route) => sum(({ dropped }) => dropped[route]!)),
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(parts.flatMap((part) => [...part]))
}
