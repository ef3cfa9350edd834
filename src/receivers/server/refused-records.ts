/**
 * A request that is refused whole since some of its records are wrong. Every one of them is named, as far as an answer can
 * hold: who sends must be able to take them out and send the rest, or one bad record would keep all others back for ever.
 */
import { AffiantError, type ErrorCode } from '../../errors.ts'
import { bytesField } from './protobuf-fields.ts'

export interface RefusedRecord {
  /** In the request. */
  readonly index: number
  readonly id?: string | undefined
  /** Where it stands in the request. */
  readonly place: string
  readonly why: string
}

/** Bounds what is kept, and answered: characters of all that is said. */
const mostText = 128 * 1024
const mostNamed = 1_000
/** Of one record. */
const longestId = 128
const longestWhy = 600
/** In the sentence; the rest is in the details. */
const namedInText = 20

/** Collects what is wrong with a request's records. */
export class Refusals {
  readonly named: RefusedRecord[] = []
  total = 0
  #text = 0

  add({ index, id, place, why }: RefusedRecord): void {
    this.total++
    if (this.named.length >= mostNamed || this.#text >= mostText) return
    const one = {
      index,
      ...(id !== undefined && { id: cut(id, longestId) }),
      place,
      why: cut(why, longestWhy),
    }
    this.#text += place.length + sentence(one).length
    this.named.push(one)
  }
}

export class RefusedRecords extends AffiantError {
  readonly named: readonly RefusedRecord[]
  readonly #about: string
  readonly #total: number

  /** `about`: what happened to how many, as in `2 of 3 records are refused`. */
  constructor(code: ErrorCode, about: string, { named, total }: Pick<Refusals, 'named' | 'total'>) {
    super(code, told(about, named, total, Number.POSITIVE_INFINITY))
    this.#about = about
    this.#total = total
    this.named = named
  }

  /** The message within so many characters: the total, and those that find room. */
  within(characters: number): string {
    return told(this.#about, this.named, this.#total, characters)
  }

  /** `google.rpc.BadRequest`: `repeated FieldViolation field_violations = 1 { string field = 1; string description = 2 }`. */
  details(bytes: number): Buffer {
    const violations: Buffer[] = []
    let length = 0
    for (const one of this.named) {
      const field = Buffer.concat([bytesField(1, one.place), bytesField(2, sentence(one).toWellFormed())])
      const violation = bytesField(1, field)
      length += violation.length
      if (length > bytes) break
      violations.push(violation)
    }
    return Buffer.concat(violations)
  }

  /** The same in JSON. */
  get violations(): readonly { readonly field: string; readonly description: string }[] {
    return this.named.map((one) => ({ field: one.place, description: sentence(one).toWellFormed() }))
  }
}

export const badRequestType = 'type.googleapis.com/google.rpc.BadRequest'

const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text)

const sentence = ({ index, id, why }: RefusedRecord) =>
  `record ${index}${id === undefined ? '' : ` (${id})`}: ${why}`

function told(about: string, named: readonly RefusedRecord[], total: number, characters: number): string {
  let text = about
  let count = 0
  for (const one of named.slice(0, namedInText)) {
    const next = `${text}${count === 0 ? ': ' : '; '}${sentence(one)}`
    // The last words have room, too.
    if (next.length > characters - 30) break
    text = next
    count++
  }
  return count < total ? `${text}; and ${total - count} more` : text
}
