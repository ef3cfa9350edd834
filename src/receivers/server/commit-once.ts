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
  readonly lines?: RecordChunk['lines']
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
  { duplicates, whole, lines, repeated, append }: CommitOnceOptions,
): Promise<Taken> {
  const claim = await duplicates.claim(whole ? [...asked, whole] : asked)
  const verdicts = claim.verdicts.slice(0, records.length)
  const verdict = claim.verdicts[records.length]
  try {
    if (claim.verdicts.some(isRefused)) {
      throw new AffiantError('key_reused', reused, { hint: 'take a new key' })
    }
    const fresh = freshOf(records, asked, verdicts, lines)
    const { chunk, from } = fresh
    const ofWhole =
      verdict?.kind === 'new' ? [{ record: null, key: verdict.key, content: whole!.content }] : []
    const marks = [...fresh.marks, ...ofWhole]
    const receipt = chunk.length + marks.length === 0 ? undefined : await append(chunk, marks)
    for (const [index, { record }] of marks.entries()) {
      const seq = receipt?.seqs?.[index]
      if (seq !== undefined) claim.keep(record === null ? records.length : from[record]!, seq)
    }
    const wrong = new Map(receipt?.rejected.map((one) => [from[one.index]!, one]))
    let again = 0
    let conflicts = 0
    const rejected: Receipt['rejected'][number][] = []
    for (const [index, one] of verdicts.entries()) {
      const what = wrong.get(one?.kind === 'twin' ? one.of : index)
      if (what) rejected.push({ ...what, index })
      else if (one?.kind === 'known' || one?.kind === 'twin') again++
      else if (one?.kind === 'other') conflicts++
    }
    if (again + conflicts > 0) repeated({ duplicates: again, conflicts })
    return { rejected }
  } finally {
    claim.release()
  }
}

const isRefused = (verdict: Verdict | undefined) => verdict?.kind === 'other' && verdict.key === undefined

const reused = 'the Idempotency-Key was used before, for a request with another body'

interface Fresh {
  readonly chunk: readonly ReceivedRecord[]
  /** Where each of the chunk's records stands among all. */
  readonly from: readonly number[]
  readonly marks: readonly (RecordMark & { readonly record: number })[]
}

function freshOf(
  records: readonly ReceivedRecord[],
  asked: readonly (Asked | undefined)[],
  verdicts: Claim['verdicts'],
  lines: RecordChunk['lines'],
): Fresh {
  const chunk: ReceivedRecord[] = []
  const from: number[] = []
  const marks: (RecordMark & { readonly record: number })[] = []
  for (const [index, record] of records.entries()) {
    const verdict = verdicts[index]
    if (verdict?.kind === 'known' || verdict?.kind === 'twin') continue
    const key = claimedKey(verdict)
    if (key !== undefined) marks.push({ record: chunk.length, key, content: asked[index]!.content })
    chunk.push(verdict?.kind === 'other' ? withOwnId(record, lines) : record)
    from.push(index)
  }
  return { chunk, from, marks }
}
