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
    if (claim.areAllNew) return { rejected: await commitAll(records, claim, append) }
    const wrong = await commitFresh(records, claim, { values, append })
    const { rejected, repeats } = takenOf(records.length, claim, wrong)
    if (repeats.duplicates + repeats.conflicts > 0) repeated(repeats)
    return { rejected }
  } finally {
    claim.release()
  }
}

type Refused = Receipt['rejected']

async function commitAll(
  records: readonly ReceivedRecord[],
  claim: Claim,
  append: CommitOnceOptions['append'],
): Promise<Refused> {
  const marks = claim.asked.marks(records.length)
  if (records.length + marks.records.length === 0) return []
  const { rejected, seqs } = await append(records, marks)
  if (seqs) keep(claim, { marks, from: undefined }, records.length, seqs)
  return rejected
}

/**
 * What was not taken in before. Of two contents under one key in these records the first one has the key, if it is taken in: so the
 * others wait for that. Returns what was refused, by index.
 */
async function commitFresh(
  records: readonly ReceivedRecord[],
  claim: Claim,
  { values, append }: Pick<CommitOnceOptions, 'values' | 'append'>,
): Promise<ReadonlyMap<number, Refused[number]>> {
  const wrong = new Map<number, Refused[number]>()
  const taken = new Set<number>()
  async function commit(isDue: (index: number) => boolean): Promise<void> {
    const fresh = freshOf(records, claim, values, isDue)
    if (fresh.chunk.length + fresh.marks.records.length === 0) return
    const { rejected, seqs } = await append(fresh.chunk, fresh.marks)
    for (const one of rejected) wrong.set(placeOf(fresh.from, one.index), one)
    if (seqs) for (const index of keep(claim, fresh, records.length, seqs)) taken.add(index)
  }
  const waiting = rivalsIn(claim, records.length)
  await commit((index) => !waiting.has(index))
  /** Who has the key of the one that stood before them. */
  const owners = new Map<number, number>()
  while (waiting.size > 0) {
    const due = new Set<number>()
    const candidates = new Set<number>()
    for (const [index, before] of waiting) {
      const owner = owners.get(before) ?? before
      if (candidates.has(owner)) continue
      due.add(index)
      if (taken.has(owner)) continue
      claim.takeOver(index)
      owners.set(before, index)
      candidates.add(index)
    }
    for (const index of due) waiting.delete(index)
    await commit((index) => due.has(index))
  }
  return wrong
}

/** Records before which another content of their key stands, and where. */
function rivalsIn(claim: Claim, count: number): Map<number, number> {
  const rivals = new Map<number, number>()
  for (let index = 0; index < count; index++) {
    const verdict = claim.verdictAt(index)
    if (verdict?.kind === 'other' && verdict.key !== undefined && verdict.before !== undefined)
      rivals.set(index, verdict.before)
  }
  return rivals
}

const reused = 'the Idempotency-Key was used before, for a request with another body'

/** What was not taken in before. Thousands of records are under way at a time, so that there is little of each. */
interface Fresh {
  readonly chunk: readonly ReceivedRecord[]
  /** Where each of the chunk's records stands among all; undefined: at the same place. */
  readonly from: readonly number[] | undefined
  readonly marks: RecordMarks
}

function freshOf(
  records: readonly ReceivedRecord[],
  claim: Claim,
  values: RecordChunk['values'],
  isDue: (index: number) => boolean,
): Fresh {
  const chunk: ReceivedRecord[] = []
  const from: number[] = []
  const marks: RecordMark[] = []
  for (let index = 0; index < claim.asked.length; index++) {
    if (!isDue(index)) continue
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

/** `seqs` are by mark, `count` that of all records. Returns the indexes of what is in the journal. */
function keep(
  claim: Claim,
  { marks, from }: Pick<Fresh, 'marks' | 'from'>,
  count: number,
  seqs: NonNullable<Receipt['seqs']>,
): number[] {
  const kept: number[] = []
  for (let mark = 0; mark < seqs.length; mark++) {
    const seq = seqs[mark]
    if (seq === undefined) continue
    const record = marks.records[mark]!
    const index = record === ofChunk ? count : placeOf(from, record)
    claim.keep(index, seq)
    kept.push(index)
  }
  return kept
}

function takenOf(
  count: number,
  claim: Claim,
  wrong: ReadonlyMap<number, Refused[number]>,
): Taken & { readonly repeats: Repeats } {
  const rejected: Refused[number][] = []
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
