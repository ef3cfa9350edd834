/** Commits those of some records that were not taken in before. */
import type { ReceivedRecord, RecordMark } from '../../event/record.ts'
import type { Receipt, Repeats } from '../receiver.ts'
import { type Asked, type Claim, claimedKey, type Duplicates } from './duplicates.ts'
import { withOwnId } from './record-keys.ts'

/** What became of records, by their index among all that were handed in. */
export interface Taken {
  readonly rejected: Receipt['rejected']
}

export interface CommitOnceOptions {
  readonly duplicates: Duplicates
  /** Told of what was there already, once all is committed. */
  readonly repeated: (repeats: Repeats) => void
  /** Not called where there is nothing to commit. */
  readonly append: (records: readonly ReceivedRecord[], marks: readonly RecordMark[]) => Promise<Receipt>
}

/**
 * Resolves once every record is in the journal, by this request or an earlier one. `asked` is by record; undefined for one
 * that nobody could know again.
 */
export async function commitOnce(
  records: readonly ReceivedRecord[],
  asked: readonly (Asked | undefined)[],
  { duplicates, repeated, append }: CommitOnceOptions,
): Promise<Taken> {
  const claim = await duplicates.claim(asked)
  try {
    const { chunk, from, marks } = freshOf(records, asked, claim)
    const receipt = chunk.length === 0 ? undefined : await append(chunk, marks)
    for (const [index, { record }] of marks.entries()) {
      const seq = receipt?.seqs?.[index]
      if (seq !== undefined) claim.keep(from[record]!, seq)
    }
    const missing = new Map(receipt?.rejected.map((one) => [from[one.index]!, one.missing]))
    let again = 0
    let conflicts = 0
    const rejected: { readonly index: number; readonly missing: readonly string[] }[] = []
    for (const [index, verdict] of claim.verdicts.entries()) {
      const lacks = missing.get(verdict?.kind === 'twin' ? verdict.of : index)
      if (lacks) rejected.push({ index, missing: lacks })
      else if (verdict?.kind === 'known' || verdict?.kind === 'twin') again++
      else if (verdict?.kind === 'other') conflicts++
    }
    if (again + conflicts > 0) repeated({ duplicates: again, conflicts })
    return { rejected }
  } finally {
    claim.release()
  }
}

interface Fresh {
  readonly chunk: readonly ReceivedRecord[]
  /** Where each of the chunk's records stands among all. */
  readonly from: readonly number[]
  readonly marks: readonly (RecordMark & { readonly record: number })[]
}

function freshOf(
  records: readonly ReceivedRecord[],
  asked: readonly (Asked | undefined)[],
  { verdicts }: Claim,
): Fresh {
  const chunk: ReceivedRecord[] = []
  const from: number[] = []
  const marks: (RecordMark & { readonly record: number })[] = []
  for (const [index, record] of records.entries()) {
    const verdict = verdicts[index]
    if (verdict?.kind === 'known' || verdict?.kind === 'twin') continue
    const key = claimedKey(verdict)
    if (key !== undefined) marks.push({ record: chunk.length, key, content: asked[index]!.content })
    chunk.push(verdict?.kind === 'other' ? withOwnId(record) : record)
    from.push(index)
  }
  return { chunk, from, marks }
}
