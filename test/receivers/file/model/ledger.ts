/** What an intake has taken, held against what was written. */
import type { MemoryIntake } from '../../memory-intake.ts'
import type { Generation } from './log.ts'

interface Taken {
  readonly stream: string
  readonly offset: number
  /** In which place of all. */
  readonly place: number
}

export class Ledger {
  readonly #intake: MemoryIntake
  readonly #taken = new Map<string, Taken[]>()
  #chunks = 0
  #lines = 0

  constructor(intake: MemoryIntake) {
    this.#intake = intake
  }

  /** By their texts. */
  taken(): ReadonlyMap<string, readonly Taken[]> {
    const { lineChunks } = this.#intake
    for (; this.#chunks < lineChunks.length; this.#chunks += 1) {
      const { stream, bytes, offset } = lineChunks[this.#chunks]!
      const texts = Buffer.from(bytes).toString().split('\n').slice(0, -1)
      let at = offset
      for (const text of texts) {
        const times = this.#taken.get(text) ?? []
        times.push({ stream: stream.id, offset: at, place: this.#lines })
        this.#taken.set(text, times)
        this.#lines += 1
        at += text.length + 1
      }
    }
    return this.#taken
  }

  /** Gaps of which the receiver says that bytes were lost, not only that they may have been. */
  certainGaps(): string[] {
    return this.#intake.notes
      .filter(({ action, metadata }) => action === 'affiant.stream.gap' && metadata.certain === true)
      .map(({ message }) => message)
  }
}

/** What must not be, in words. Lines that are not taken yet are no fault. */
export function faults(ledger: Ledger, generations: readonly Generation[]): string[] {
  const taken = ledger.taken()
  const written = new Map<string, number>()
  const wrong: string[] = []
  for (const { lines } of generations) {
    let last = -1
    for (const { text, offset } of lines) {
      const before = written.get(text) ?? 0
      written.set(text, before + 1)
      const [first, ...more] = taken.get(text) ?? []
      // Of what several generations begin with, nobody can say whose it is.
      if (!first || before > 0 || more.length > 0) continue
      if (first.offset !== offset) wrong.push(`${text}: at ${first.offset}, not at ${offset}`)
      if (first.place < last) wrong.push(`${text}: before what was written before it`)
      last = first.place
    }
  }
  for (const [text, times] of taken) {
    const most = written.get(text) ?? 0
    if (times.length > most) wrong.push(`${text}: taken ${times.length} times, written ${most} times`)
  }
  return [...wrong, ...ledger.certainGaps().map((gap) => `a gap without a loss: ${gap}`)]
}
