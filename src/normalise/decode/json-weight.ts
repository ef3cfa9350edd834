/**
 * How much memory a JSON text takes once it is parsed, told without parsing it. Not its length counts but its objects and
 * lists: an empty one is three characters, and some two hundred bytes by the time its event is written. Members of wide
 * objects, which V8 keeps in tables, cost as much.
 */
import { stringEnd } from './string-end.ts'

/** Of an object: they cost next to nothing beside it. */
const freeMembers = 1_000

/** An object or list that weighs much, at `[start, end)` of the text. */
export interface HeavyValue {
  readonly start: number
  readonly end: number
  /** Where the name of the member begins that it is, with its quote; -1 for the whole, and in a list. */
  readonly nameStart: number
  readonly isList: boolean
  /** Of itself and all that is in it. */
  readonly weight: number
  /** Those in it that weigh much. */
  readonly parts: readonly HeavyValue[]
}

export interface Weighed {
  readonly weight: number
  /** Undefined where it does not end, or where there is none. */
  readonly whole: HeavyValue | undefined
  /** It is deeper than it may be, and was looked at no further. */
  readonly isTooDeep: boolean
}

/**
 * Of the object or list that the text begins with. Whether it is JSON is not judged.
 * @param heavy what weighs less is none of the parts
 */
export function weigh(text: string, deepest: number, heavy: number): Weighed {
  const levels = new Levels(deepest, heavy)
  let stringStart = -1
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        stringStart = at
        at = stringEnd(text, at)
        break
      case 0x3a: // :
        levels.name(stringStart)
        break
      case 0x7b: // {
      case 0x5b: // [
        if (!levels.open(at, text.charCodeAt(at) === 0x5b))
          return { weight: levels.weight, whole: undefined, isTooDeep: true }
        break
      case 0x7d: // }
      case 0x5d: {
        // ]
        const whole = levels.close(at + 1)
        if (whole !== undefined || levels.depth === 0)
          return { weight: whole?.weight ?? 0, whole, isTooDeep: false }
        break
      }
      default:
    }
  }
  return { weight: levels.weight, whole: undefined, isTooDeep: false }
}

/** What is open, by level. */
class Levels {
  depth = 0
  readonly #deepest: number
  readonly #heavy: number
  readonly #starts: Int32Array
  readonly #nameStarts: Int32Array
  /** Where the name of the member under way begins. */
  readonly #names: Int32Array
  readonly #members: Int32Array
  readonly #weights: Int32Array
  readonly #areLists: Uint8Array
  readonly #parts: (HeavyValue[] | undefined)[] = []

  constructor(deepest: number, heavy: number) {
    this.#deepest = deepest
    this.#heavy = heavy
    const levels = deepest + 1
    this.#starts = new Int32Array(levels)
    this.#nameStarts = new Int32Array(levels)
    this.#names = new Int32Array(levels)
    this.#members = new Int32Array(levels)
    this.#weights = new Int32Array(levels)
    this.#areLists = new Uint8Array(levels)
  }

  /** Of all that is open. */
  get weight(): number {
    return this.#weights.subarray(1, this.depth + 1).reduce((sum, weight) => sum + weight, 0)
  }

  name(start: number): void {
    const { depth } = this
    this.#names[depth] = start
    if (++this.#members[depth]! > freeMembers) this.#weights[depth]!++
  }

  /** False where that is too deep. */
  open(start: number, isList: boolean): boolean {
    if (this.depth === this.#deepest) return false
    const isMember = this.depth > 0 && this.#areLists[this.depth] === 0
    const nameStart = isMember ? this.#names[this.depth]! : -1
    const depth = ++this.depth
    this.#starts[depth] = start
    this.#nameStarts[depth] = nameStart
    this.#members[depth] = 0
    this.#weights[depth] = 1
    this.#areLists[depth] = isList ? 1 : 0
    return true
  }

  /** The whole, where it ends here. */
  close(end: number): HeavyValue | undefined {
    const { depth } = this
    if (depth === 0) return undefined
    this.depth--
    const weight = this.#weights[depth]!
    this.#weights[depth - 1]! += weight
    const parts = this.#parts[depth]
    this.#parts[depth] = undefined
    if (weight < this.#heavy && depth > 1) return undefined
    const value: HeavyValue = {
      start: this.#starts[depth]!,
      end,
      nameStart: this.#nameStarts[depth]!,
      isList: this.#areLists[depth] === 1,
      weight,
      parts: parts ?? [],
    }
    if (depth === 1) return value
    const around = this.#parts[depth - 1]
    if (around === undefined) this.#parts[depth - 1] = [value]
    else around.push(value)
    return undefined
  }
}
