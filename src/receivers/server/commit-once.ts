/** Commits those of some records that were not taken in before. */
import { AffiantError } from '../../errors.ts'
import type { ReceivedRecord, RecordChunk } from '../../event/record.ts'
import { marksOf, ofChunk, type RecordMark, type RecordMarks } from '../../event/record-marks.ts'
import type { Receipt, Repeats } from '../receiver.ts'
import type { AskedKeys } from './asked-keys.ts'
import { type Claim, claimedKey } from './claim.ts'
import type { Duplicates } from './duplicates.ts'
import { withOwnId } from './record-keys.ts'

/** What became of records, by their index among all that were handed in. */
export interface Taken {
  readonly rejected: Receipt['rejected']
}

export interface CommitOnceOptions {
  readonly duplicates: Duplicates
  /** Of the records, where they are such. */
  readonly values?: RecordChunk['values']
  /** Told of what was there already, once all is committed. */
  readonly repeated: (repeats: Repeats) => void
  /** Not called where there is nothing to commit. */
  readonly append: (records: readonly ReceivedRecord[], marks: RecordMarks) => Promise<Receipt>
}

/**
 * Resolves once every record is in the journal, by this request or an earlier one. `asked` is by record, nothing for one
 * that nobody could know again; behind them may come what the request is known by that they are of: with those that are committed
 * first. Rejects with `key_reused` before anything is committed, or with what `append` rejects with.
 */
export async function commitOnce(
  records: readonly ReceivedRecord[],
  asked: AskedKeys,
  { duplicates, values, repeated, append }: CommitOnceOptions,
): Promise<Taken> {
  const claim = await duplicates.claim(asked)
  try {
    const fresh = claim.areAllNew ? allOf(records, asked) : freshOf(records, claim, values)
    const { chunk, marks } = fresh
    const isNothing = chunk.length + marks.records.length === 0
    const receipt = isNothing ? undefined : await append(chunk, marks)
    if (receipt?.seqs) keep(claim, fresh, records.length, receipt.seqs)
    const { rejected, repeats } = takenOf(records.length, claim, fresh, receipt?.rejected ?? [])
    if (repeats.duplicates + repeats.conflicts > 0) repeated(repeats)
    return { rejected }
  } finally {
    claim.release()
  }
}

const reused = 'the Idempotency-Key was used before, for a request with another body'

/** What was not taken in before. Thousands of records are under way at a time, so that there is little of each. */
interface Fresh {
  readonly chunk: readonly ReceivedRecord[]
  /** Where each of the chunk's records stands among all; undefined: at the same place. */
  readonly from: readonly number[] | undefined
  readonly marks: RecordMarks
}

function allOf(records: readonly ReceivedRecord[], asked: AskedKeys): Fresh {
  return { chunk: records, from: undefined, marks: asked.marks(records.length) }
}

function freshOf(records: readonly ReceivedRecord[], claim: Claim, values: RecordChunk['values']): Fresh {
  const chunk: ReceivedRecord[] = []
  const from: number[] = []
  const marks: RecordMark[] = []
  for (let index = 0; index < claim.asked.length; index++) {
    const verdict = claim.verdictAt(index)
    const key = claimedKey(verdict)
    if (verdict?.kind === 'other' && key === undefined) {
      throw new AffiantError('key_reused', reused, { hint: 'take a new key' })
    }
    const isRecord = index < records.length
    const content = claim.asked.contentAt(index)
    if (key !== undefined) marks.push({ record: isRecord ? chunk.length : ofChunk, key, content })
    if (!isRecord || verdict?.kind === 'known' || verdict?.kind === 'twin') continue
    chunk.push(verdict?.kind === 'other' ? withOwnId(records[index]!, values) : records[index]!)
    from.push(index)
  }
  return { chunk, from, marks: marksOf(marks) }
}

/** `seqs` are by mark, `count` that of all records. */
function keep(claim: Claim, { marks, from }: Fresh, count: number, seqs: NonNullable<Receipt['seqs']>): void {
  for (let index = 0; index < seqs.length; index++) {
    const seq = seqs[index]
    if (seq === undefined) continue
    const record = marks.records[index]!
    claim.keep(record === ofChunk ? count : placeOf(from, record), seq)
  }
}

function takenOf(
  count: number,
  claim: Claim,
  { from }: Fresh,
  refused: Receipt['rejected'],
): Taken & { readonly repeats: Repeats } {
  if (from === undefined) return { rejected: refused, repeats: { duplicates: 0, conflicts: 0 } }
  const wrong = new Map(refused.map((one) => [placeOf(from, one.index), one]))
  const rejected: Receipt['rejected'][number][] = []
  let duplicates = 0
  let conflicts = 0
  for (let index = 0; index < count; index++) {
    const verdict = claim.verdictAt(index)
    const what = wrong.get(verdict?.kind === 'twin' ? verdict.of : index)
    if (what) rejected.push({ ...what, index })
    else if (verdict?.kind === 'known' || verdict?.kind === 'twin') duplicates++
    else if (verdict?.kind === 'other') conflicts++
  }
  return { rejected, repeats: { duplicates, conflicts } }
}

const placeOf = (from: Fresh['from'], index: number): number => (from === undefined ? index : from[index]!)
