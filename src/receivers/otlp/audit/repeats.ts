/** Records that come again: known by their id, of the same sender, and by the hash of what was received. */
import type { RecordMark } from '../../../event/record-marks.ts'
import type { Asked } from '../../server/asked-keys.ts'
import { type Claim, claimedKey } from '../../server/claim.ts'
import type { Peer } from '../../server/intake-stream.ts'
import { askedOf } from '../../server/record-keys.ts'
import { Refusals, RefusedRecords } from '../../server/refused-records.ts'
import type { Judged } from './judge.ts'

/** What was asked of a request, and how it is marked in the journal. */
export interface Marked {
  readonly claim: Claim
  /** Where each record that is committed stands among those that were asked for. */
  readonly fresh: readonly number[]
}

/** Another content under the same id is refused. */
export function askedFor({ record }: Judged, { auth_id: credential = '' }: Peer): Asked {
  const asked = askedOf(record, credential, { otherwise: 'refuse' })
  if (asked === undefined) throw new Error('a record of the audit signal without an id')
  return asked
}

/** `at`: among those that are committed; `record`: among those of one block. */
export function markOf({ claim, fresh }: Marked, at: number, record: number): RecordMark {
  const place = fresh[at]!
  return { record, key: claimedKey(claim.verdictAt(place))!, content: claim.asked.contentAt(place) }
}

/** Throws `record_conflict`, naming each. */
export function refuseConflicts(judged: readonly Judged[], claim: Claim): void {
  const refusals = new Refusals()
  for (const [at, { index, id, place }] of judged.entries()) {
    if (claim.verdictAt(at)?.kind === 'other')
      refusals.add({ index, id, place, why: 'its id was given before to a record with another content' })
  }
  if (refusals.total === 0) return
  const about = `${refusals.total} of ${judged.length} records have the id of another one, and none was taken in`
  throw new RefusedRecords('record_conflict', about, refusals)
}
