/** What people and clients hear while the journal takes nothing. */
import type { Clock } from '../clock.ts'
import { AffiantError, asError, systemCode } from '../errors.ts'
import type { JournalPressure } from './contract.ts'
import type { Cursors } from './cursors.ts'
import type { DiskFloor } from './disk-floor.ts'
import type { Sizes } from './sizes.ts'

/** The error that an append gets. */
export function pressureError({ reason, message }: JournalPressure): AffiantError {
  return new AffiantError(reason === 'failed' ? 'journal_unavailable' : 'journal_full', message)
}

/** For a batch that may not overtake one that was refused. */
export const outOfOrder = (): AffiantError =>
  new AffiantError('journal_unavailable', 'a batch before this one was refused')

interface FullJournal {
  readonly cursors: Cursors
  readonly sizes: Sizes
  readonly floor: DiskFloor
  readonly clock: Clock
  readonly directory: string
}

/** @param floorReached the volume has too little left, whatever the journal's own limit says */
export function fullMessage(
  { cursors, sizes, floor, clock, directory }: FullJournal,
  bytes: number,
  floorReached: boolean,
): string {
  const since = new Date(clock.now()).toISOString()
  const used = floorReached
    ? `${mebibytes(floor.free)} are free on the disk that holds ${directory}, journal.min_free is ${mebibytes(floor.least)}`
    : `${mebibytes(bytes)} on disk, and one more segment does not fit below journal.max_size ${mebibytes(sizes.max)}, of which ${mebibytes(sizes.reserved)} are kept for the agent's own events`
  const slowest = cursors.slowest()
  if (!slowest) return `the journal is full (${used}) since ${since}`
  const whose = slowest.configured
    ? `sink ${slowest.name}`
    : `sink ${slowest.name}, which is not configured any more (affiant sink forget ${slowest.name} lets go of it),`
  return `the journal is full (${used}) since ${since}: ${whose} has settled only what is below seq ${slowest.settled}`
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`

/** What an error of the file system means for the journal. */
export const reasonOf = (error: unknown): 'disk_full' | 'failed' =>
  systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT' ? 'disk_full' : 'failed'

export function describeFailure(error: unknown, directory: string): string {
  const again = 'trying again every second'
  if (reasonOf(error) === 'disk_full') return `the disk that holds ${directory} is full; ${again}`
  if (systemCode(error) === 'ENOENT') {
    return `the journal is not in ${directory} any more; put it back, or restart the agent to begin another; ${again}`
  }
  return `${directory} cannot be written: ${asError(error).message}; ${again}`
}
