/** What is left when draining ends: events that sinks have not settled, and bytes of files that are not committed. */
import type { Delivery } from '../delivery/delivery.ts'
import { UnsettledJournal } from '../delivery/unsettled-journal.ts'
import type { Journal } from '../journal/contract.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { DrainEnd } from './drain-message.ts'
import type { RoutesInUse } from './routes-in-use.ts'

/** For counting: it reads the journal. Milliseconds. */
const patience = 2_000
/** Files that are named. */
const mostFiles = 20

interface ShortfallParts {
  readonly journal: Pick<Journal, 'origin' | 'read'>
  readonly routes: Pick<RoutesInUse, 'table'>
}

/** By sink, of what is below `to`; nothing of those that have settled it meanwhile. */
export async function unsettledOf(
  late: readonly Delivery[],
  to: number,
  { journal, routes }: ShortfallParts,
) {
  const sinks = late.map((delivery) => {
    const { name, lastError } = delivery.status()
    const unsettled = delivery.unsettled()
    const maskOf = async (hash: string) => (await routes.table.selectionFor(name, hash)).mask
    return { name, unsettled, from: unsettled.settled, maskOf, reason: lastError ?? null }
  })
  const from = Math.min(to, ...sinks.map((sink) => sink.from))
  const view = new UnsettledJournal({ journal, from, to, sinks })
  const counted = await view.count(AbortSignal.timeout(patience)).catch(() => false)
  const found = new Map<string, DrainEnd['sinks'][number]['unsettled']>()
  for (const { name, reason } of sinks) {
    const { events, ranges } = view.found.get(name)!
    if (events === 0 && counted) continue
    const seqs = ranges.map(({ firstSeq, lastSeq }) => ({ first_seq: firstSeq, last_seq: lastSeq }))
    found.set(name, { events, counted, ranges: seqs, reason })
  }
  return found
}

export async function unreadOf(receivers: readonly Receiver[]): Promise<DrainEnd['unread']> {
  const all = await Promise.all(receivers.map(async (receiver) => (await receiver.files?.(mostFiles)) ?? []))
  return all
    .flat()
    .filter(({ state, size, committed }) => state !== 'ignored' && (size ?? 0) > committed)
    .map(({ path, size, committed }) => ({ path, bytes: (size ?? 0) - committed }))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, mostFiles)
}
