/** What is around records, their resource and scope, as values apart from what stands around them (`RecordLayout`). */
import { isPlainNumber } from '../../event/record-layout.ts'

/** The same object, where nothing differs but values. */
export interface AroundLayout {
  /** Of members of a record, without the brace before and with the one behind them: before each value, and behind the last. */
  readonly literals: readonly string[]
}

export interface Around {
  readonly layout: AroundLayout
  /** The values, one behind the other, and `[from, to)` of each. */
  readonly bytes: Uint8Array
  readonly places: Int32Array
  /** `service.name`. */
  readonly producer: string
}

/** Bytes of values, and how many, that are worth it to be copied for each record. */
export const longestAround = 8 * 1024
const mostValues = 128
/** More layouts than these are no regularity: they are forgotten, and are others when they come again. */
const most = 512

/** Of all bodies of this process. */
const layouts = new Map<string, AroundLayout>()

/** Undefined where it is too long. Texts are well-formed. */
export function aroundOf(beside: object, producer: unknown): Around | undefined {
  const parts = new Parts()
  parts.members(beside)
  const bytes = Buffer.from(parts.values.join(''))
  if (bytes.length > longestAround || parts.values.length > mostValues) return undefined
  const places: number[] = []
  let at = 0
  for (const value of parts.values) {
    places.push(at)
    at += Buffer.byteLength(value)
    places.push(at)
  }
  return {
    layout: layoutWith(parts.literals),
    bytes,
    places: Int32Array.from(places),
    producer: typeof producer === 'string' ? producer : '',
  }
}

function layoutWith(literals: readonly string[]): AroundLayout {
  // A literal has no such character: JSON escapes it.
  const name = literals.join('\n')
  const known = layouts.get(name)
  if (known !== undefined) return known
  if (layouts.size >= most) layouts.clear()
  const layout = { literals }
  layouts.set(name, layout)
  return layout
}

class Parts {
  readonly values: string[] = []
  readonly #before: string[] = []
  #text = ''

  get literals(): readonly string[] {
    return [...this.#before, this.#text]
  }

  /** The members of an object, and the brace behind them. */
  members(object: object): void {
    for (const [i, [name, value]] of Object.entries(object).entries()) {
      this.#text += `${i > 0 ? ',' : ''}${JSON.stringify(name)}:`
      this.#value(value)
    }
    this.#text += '}'
  }

  #value(value: unknown): void {
    if (typeof value === 'string' && value !== '') this.#part('"', JSON.stringify(value).slice(1, -1))
    else if (typeof value === 'number' && isPlainNumber(String(value))) this.#part('', String(value))
    else if (Array.isArray(value)) this.#list(value)
    else if (typeof value === 'object' && value !== null) {
      this.#text += '{'
      this.members(value)
    } else this.#text += JSON.stringify(value)
  }

  #list(items: readonly unknown[]): void {
    this.#text += '['
    for (const [i, item] of items.entries()) {
      if (i > 0) this.#text += ','
      this.#value(item)
    }
    this.#text += ']'
  }

  #part(quote: string, value: string): void {
    this.#before.push(this.#text + quote)
    this.values.push(value)
    this.#text = quote
  }
}
