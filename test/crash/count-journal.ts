/** The journal itself, read as any reader does: how many numbered events of a receiver it holds. */
import { openJournalForReading } from '../../src/journal/reading.ts'
import { numberOf } from './numbered-sink.ts'

export interface JournalCount {
  /** Each counted as often as it is there. */
  readonly total: number
  readonly distinct: number
}

export async function countJournal(dataDir: string, receiver: string): Promise<JournalCount> {
  const seen = new Set<number>()
  let total = 0
  const journal = await openJournalForReading(dataDir)
  await using reader = journal.read(journal.firstSeq)
  for (let block = await reader.next(); block !== null; block = await reader.next()) {
    for (const text of block.payload.toString('utf8').split('\n')) {
      if (text === '') continue
      const event = JSON.parse(text)
      const n = numberOf(event)
      if (n === undefined || event.provenance.receiver !== receiver) continue
      total++
      seen.add(n)
    }
  }
  return { total, distinct: seen.size }
}
