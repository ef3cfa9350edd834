/** What people and clients hear while the journal takes nothing. */
import type { Clock } from '../clock.ts'
import { AffiantError } from '../errors.ts'
import type { JournalPressure } from './contract.ts'
import type { Cursors } from './cursors.ts'
import type { Sizes } from './sizes.ts'

/** The error that an append gets. */
export function pressureError({ reason, message }: JournalPressure): AffiantError {
  return new AffiantError(reason === 'failed' ? 'journal_unavailable' : 'journal_full', message)
}

export function fullMessage(
  { cursors, sizes, clock }: { readonly cursors: Cursors; readonly sizes: Sizes; readonly clock: Clock },
  bytes: number,
): string {
  const since = new Date(clock.now()).toISOString()
  const used = `${mebibytes(bytes)} of journal.max_size ${mebibytes(sizes.max)}`
  const slowest = cursors.slowest()
  if (!slowest) return `the journal is full (${used}) since ${since}`
  const whose = slowest.configured
    ? `sink ${slowest.name}`
    : `sink ${slowest.name}, which is not configured any more,`
  return `the journal is full (${used}) since ${since}: ${whose} has settled only what is below seq ${slowest.settled}`
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`
