/** Takes dead letters away for good. Looked at before, so that what goes can be put on record while it is still there. */
import { createHash } from 'node:crypto'
import { type KeptLetter, keyOf, linesIn } from './letters-on-disk.ts'
import { removeLetters, removeOrphanNotes, rewriteLetters } from './rewrite-letters.ts'
import { SeenLetters } from './seen-letters.ts'
import { readSent } from './sent-letters.ts'

export interface LetterRange {
  /** Files that nothing is appended to any more. */
  readonly files: readonly string[]
  /** Seqs, both included. */
  readonly from: number
  readonly to: number
}

export interface LetterSurvey {
  /** One that is there twice counts once. */
  readonly letters: number
  /** Null when there are none. */
  readonly firstSeq: number | null
  readonly lastSeq: number | null
  /** Hex, over each letter's line once, in order: of what `affiant dlq show` prints. */
  readonly sha256: string
}

const isIn = ({ from, to }: LetterRange, { seq }: KeptLetter): boolean => seq >= from && seq <= to

export async function surveyLetters(range: LetterRange): Promise<LetterSurvey> {
  const hash = createHash('sha256')
  const seen = new SeenLetters()
  let letters = 0
  let firstSeq = Number.POSITIVE_INFINITY
  let lastSeq = Number.NEGATIVE_INFINITY
  for (const path of range.files) {
    const sent = await readSent(path)
    for await (const { number, line, letter } of linesIn(path)) {
      if (letter === undefined || sent.has(number) || !isIn(range, letter)) continue
      if (!seen.add(keyOf(letter))) continue
      letters++
      hash.update(line)
      firstSeq = Math.min(firstSeq, letter.seq)
      lastSeq = Math.max(lastSeq, letter.seq)
    }
  }
  return {
    letters,
    firstSeq: letters === 0 ? null : firstSeq,
    lastSeq: letters === 0 ? null : lastSeq,
    sha256: hash.digest('hex'),
  }
}

/** Of all seqs: the files whole, whatever else is in them. Rejects as the disk does: what has gone by then is gone. */
export async function purgeLetters(directory: string, range: LetterRange): Promise<void> {
  const all = range.from === 0 && range.to === Number.POSITIVE_INFINITY
  await removeOrphanNotes(directory)
  for (const path of range.files) {
    if (all) await removeLetters(path)
    else if (await hasSome(path, range)) {
      await rewriteLetters(path, (letter) => (isIn(range, letter) ? null : letter.line))
    }
  }
}

async function hasSome(path: string, range: LetterRange): Promise<boolean> {
  for await (const { letter } of linesIn(path)) if (letter !== undefined && isIn(range, letter)) return true
  return false
}
