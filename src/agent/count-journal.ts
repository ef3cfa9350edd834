/** What is in a small journal, for the line that a start prints. A large one is not read for a line of text. */
import type { Journal } from '../journal/contract.ts'
import { ownReceiver } from '../routing/route.ts'

export interface JournalCount {
  readonly lines: number
  readonly own: number
  readonly incomplete: number
}

const mostEvents = 10_000

/** What recovery found. Undefined when there is too much to count, or older events have been let go. */
export async function countJournal(journal: Journal): Promise<JournalCount | undefined> {
  const { firstSeq } = journal.stats()
  const end = journal.recovery.events
  if (firstSeq > 0 || end > mostEvents) return undefined
  const count = { lines: 0, own: 0, incomplete: 0 }
  await using reader = journal.read(0)
  while (reader.position < end) {
    const block = await reader.next()
    if (block === null) break
    for (const text of block.payload.toString('utf8').split('\n')) {
      if (text === '') continue
      const event: { provenance: { receiver: string }; attribution: { complete: boolean } } = JSON.parse(text)
      if (event.provenance.receiver === ownReceiver) count.own++
      else count.lines++
      if (!event.attribution.complete) count.incomplete++
    }
  }
  return count
}
