/** Records that their sender may not deliver: a request with such is refused whole, as for anything else that is wrong with it. */
import { setImmediate } from 'node:timers/promises'
import { chunkRecords, type IntakeStream, type Peer } from '../../server/intake-stream.ts'
import { Refusals, RefusedRecords } from '../../server/refused-records.ts'
import { reasonOf } from '../../server/rejected.ts'
import type { Judged } from './judge.ts'

/** Rejects with `scope_forbidden`, naming each. */
export async function refuseOthersScopes(
  judged: readonly Judged[],
  peer: Peer,
  stream: IntakeStream,
): Promise<void> {
  // What scope a record has is known only once it is an event.
  if (peer.scopes === undefined) return
  const refusals = new Refusals()
  for (let from = 0; from < judged.length; from += chunkRecords) {
    const part = judged.slice(from, from + chunkRecords)
    const records = part.map(({ record }) => record)
    for (const one of await stream.outOfScope(records, peer)) {
      const { index, id, place } = part[one.index]!
      refusals.add({ index, id, place, why: reasonOf(one) })
    }
    await setImmediate()
  }
  if (refusals.total === 0) return
  const about = `${refusals.total} of ${judged.length} records are refused, and none was taken in`
  throw new RefusedRecords('scope_forbidden', about, refusals)
}
