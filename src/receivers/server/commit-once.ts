/** Commits those of some records that were not taken in before. */
import { AffiantError } from '../../errors.ts'
import type { ReceivedRecord, RecordChunk, RecordMark } from '../../event/record.ts'
import type { Receipt, Repeats } from '../receiver.ts'
import { type Asked, type Claim, claimedKey, type Duplicates, type Verdict } from './duplicates.ts'
import { withOwnId } from './record-keys.ts'

/** What became of records, by their index among all that were handed in. */
export interface Taken {
  readonly rejected: Receipt['rejected']
}

export interface CommitOnceOptions {
  /** By what the request is known that the records are of, where it is: with those that are committed first. */
  readonly whole?: Asked | undefined
  readonly duplicates: Duplicates
  /** Of the records, where they are such. */
  readonly values?: RecordChunk['values']
  /** Told of what was there already, once all is committed. */
  readonly repeated: (repeats: Repeats) => void
  /** Not called where there is nothing to commit. */
  readonly append: (records: readonly ReceivedRecord[], marks: readonly RecordMark[]) => Promise<Receipt>
}

/**
 * Resolves once every record is in the journal, by this request or an earlier one. `asked` is by record; undefined for one
 * that nobody could know again. Rejects with `key_reused` before anything is committed, or with what `append` rejects with.
 */
export async function commitOnce(
  records: readonly ReceivedRecord[],
  asked: readonly (Asked | undefined)[],
  { duplicates, whole, values, repeated, append }: CommitOnceOptions,
): Promise<Taken> {
  const claim = await duplicates.claim(whole ? [...asked, whole] : asked)
  try {
    const { verdicts } = claim
    if (verdicts.some(isRefused)) {
      throw new AffiantError('key_reused', reused, { hint: 'take a new key' })
    }
    const fresh = freshOf(records, asked, verdicts, values)
    const ofWhole = verdicts[records.length]
    if (whole && ofWhole?.kind === 'new') {
      fresh.marks.push({ record: null, key: ofWhole.key, content: whole.content })
    }
    const { chunk, marks } = fresh
    const receipt = chunk.length + marks.length === 0 ? undefined : await append(chunk, marks)
    if (receipt?.seqs) keep(claim, fresh, records.length, receipt.seqs)
    const { rejected, repeats } = takenOf(records.length, verdicts, fresh, receipt?.rejected ?? [])
    if (repeats.duplicates + repeats.conflicts > 0) repeated(repeats)
    return { rejected }
  } finally {
    claim.release()
  }
}

const isRefused = (verdict: Verdict | undefined) => verdict?.kind === 'other' && verdict.key === undefined

const reused = 'the Idempotency-Key was used before, for a request with another body'

/** What was not taken in before. Thousands of records are under way at a time, so that there is little of each. */
interface Fresh {
  readonly chunk: readonly ReceivedRecord[]
  /** Where each of the chunk's records stands among all; undefined: at the same place. */
  readonly from: readonly number[] | undefined
  readonly marks: RecordMark[]
}

function freshOf(
  records: readonly ReceivedRecord[],
  asked: readonly (Asked | undefined)[],
  verdicts: Claim['verdicts'],
  values: RecordChunk['values'],
): Fresh {
  const areAll = verdicts.every((verdict) => verdict === undefined || verdict.kind === 'new')
  const chunk: ReceivedRecord[] = []
  const from: number[] = []
  const marks: RecordMark[] = []
  for (let index = 0; index < records.length; index++) {
    const verdict = verdicts[index]
    if (verdict?.kind === 'known' || verdict?.kind === 'twin') continue
    const key = claimedKey(verdict)
    const record = areAll ? index : chunk.length
    if (key !== undefined) marks.push({ record, key, content: asked[index]!.content })
    if (areAll) continue
    chunk.push(verdict?.kind === 'other' ? withOwnId(records[index]!, values) : records[index]!)
    from.push(index)
  }
  return areAll ? { chunk: records, from: undefined, marks } : { chunk, from, marks }
}

/** `seqs` are by mark, `count` that of all records. */
function keep(claim: Claim, { marks, from }: Fresh, count: number, seqs: NonNullable<Receipt['seqs']>): void {
  for (let index = 0; index < marks.length; index++) {
    const seq = seqs[index]
    if (seq === undefined) continue
    const { record } = marks[index]!
    claim.keep(record === null ? count : placeOf(from, record), seq)
  }
}

function takenOf(
  count: number,
  verdicts: Claim['verdicts'],
  { from }: Fresh,
  refused: Receipt['rejected'],
): Taken & { readonly repeats: Repeats } {
  if (from === undefined) return { rejected: refused, repeats: { duplicates: 0, conflicts: 0 } }
  const wrong = new Map(refused.map((one) => [placeOf(from, one.index), one]))
  const rejected: Receipt['rejected'][number][] = []
  let duplicates = 0
  let conflicts = 0
  for (let index = 0; index < count; index++) {
    const verdict = verdicts[index]
    const what = wrong.get(verdict?.kind === 'twin' ? verdict.of : index)
    if (what) rejected.push({ ...what, index })
    else if (verdict?.kind === 'known' || verdict?.kind === 'twin') duplicates++
    else if (verdict?.kind === 'other') conflicts++
  }
  return { rejected, repeats: { duplicates, conflicts } }
}

const placeOf = (from: Fresh['from'], index: number): number => (from === undefined ? index : from[index]!)
