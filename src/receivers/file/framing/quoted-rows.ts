/**
 * Rows of CSV (RFC 4180), whose quoted fields may hold newlines: a record goes on while a quote is open. Quotes within a
 * field are doubled, so that no text in a field can end a row, or seem to begin one.
 *
 * A row that was torn (its writer died in the middle of it) leaves its quote open, and all that follows would be read
 * inside out. That shows at once: behind what then seems a closing quote stands neither a comma nor the line's end. The
 * torn row ends there, and the line begins a row of its own.
 */
import type { Emit, Joiner, Output } from './joiner.ts'
import type { PendingRecord } from './pending-record.ts'
import { RecordPerOutput } from './record-per-output.ts'

/** One character of ASCII each. */
interface Characters {
  readonly delimiter: string
  readonly quote: string
}

type AtEnd = 'open' | 'closed' | 'broken'

export class QuotedRows extends RecordPerOutput implements Joiner {
  readonly #delimiter: number
  readonly #quote: number

  constructor({ delimiter, quote }: Characters, emit: Emit) {
    super(emit)
    this.#delimiter = delimiter.charCodeAt(0)
    this.#quote = quote.charCodeAt(0)
  }

  take(output: Output, line: PendingRecord, now: number): PendingRecord | undefined {
    const before = this.recordOf(output)
    if (before) {
      const state = this.#atEnd(line.text(), true)
      if (state !== 'broken') {
        before.addLine(line)
        if (state === 'open') return this.keep(output, before, now)
        this.complete(output)
        return undefined
      }
      before.warn(['the row ends inside a quoted field: it was torn'])
      this.complete(output)
    }
    if (this.#atEnd(line.text(), false) === 'open') return this.keep(output, line, now)
    this.emit(line)
    return undefined
  }

  /** Whether a quote is open at the end of `line`, which begins inside one or not; `broken` where no row is like that. */
  #atEnd(line: Buffer, open: boolean): AtEnd {
    let inside = open
    for (let at = 0; ; at += 1) {
      at = line.indexOf(this.#quote, at)
      if (at < 0) return inside ? 'open' : 'closed'
      if (!inside) {
        // Within a field that does not begin with one it is a character like any other.
        inside = at === 0 || line[at - 1] === this.#delimiter
        continue
      }
      const next = line[at + 1]
      if (next === this.#quote) at += 1
      else if (next === undefined || next === this.#delimiter) inside = false
      else return 'broken'
    }
  }
}
