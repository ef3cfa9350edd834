/**
 * Where generated code reads from: the record, or the element that `each` is at. Knows the expressions for paths,
 * the flags that say what was consumed, and which of it must be loaded before use.
 */
import { formatPath, type Path, type Step } from '../mapping/path.ts'
import { createRestNode, nodeAt, type RestNode } from './rest-node.ts'

/** A JavaScript string literal. */
export const literal = (text: string): string => JSON.stringify(text)

/** Stands in generated code where the record's flags are to be handed over; how many there are is known at the end. */
export const storeFlags = '/* store flags */'

/** Names that every object, array or string has something for by inheritance. */
const inherited = new Set(
  [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) =>
    Object.getOwnPropertyNames(prototype),
  ),
)

export class Scope {
  /** What consumed flags say, for the rest. */
  readonly node: RestNode = createRestNode()
  /** Declarations that come first. */
  readonly loads: string[] = []
  words = 0
  readonly #root: string
  readonly #prefix: string
  readonly #redacted: (key: string) => boolean
  /** Objects already loaded, by the path to them. */
  readonly #objects = new Map<string, string>()
  #bits = 0
  /** The variable that holds the name of the member that `each` is at. */
  readonly key: string | undefined

  /**
   * @param root the variable that holds the record or element
   * @param prefix of the names this scope declares
   * @param redacted fields that a mapping cannot read: they must not reach an event by any way
   */
  constructor(root: string, prefix: string, redacted: (key: string) => boolean, key?: string) {
    this.key = key
    this.#root = root
    this.#prefix = prefix
    this.#redacted = redacted
  }

  /** The expression for a path's value, `undefined` when the path leads through a redacted field. */
  read({ segments, every }: Path): string {
    if ([...segments, ...(every ?? [])].some((step) => this.#isRedacted(step))) return 'undefined'
    if (segments.length === 0) return this.#root
    const last = segments.at(-1)!
    const value = member(this.#objectAt(segments.slice(0, -1)), last)
    if (every === undefined) return value
    const ofElement = every.reduce<string>((inner, step) => member(`object(${inner})`, step), 'item')
    return `every(${value}, (item) => ${ofElement})`
  }

  /** The statement that marks a path as consumed. */
  consume(path: Path): string {
    const { word, bit } = this.#flagged(path)
    return `${this.flag(word)} |= ${bit};`
  }

  /** The expression for whether it is so marked. */
  isConsumed(path: Path): string {
    const { word, bit } = this.#flagged(path)
    return `(${this.flag(word)} & ${bit}) !== 0`
  }

  #flagged({ segments, every }: Path): RestNode {
    const place = nodeAt(this.node, segments)
    if (every !== undefined) place.every ??= createRestNode()
    const node = every === undefined ? place : nodeAt(place.every!, every)
    node.isOfEvery ||= every !== undefined
    if (node.bit === 0) {
      node.word = Math.floor(this.#bits / 30)
      node.bit = 1 << (this.#bits % 30)
      this.#bits++
      this.words = node.word + 1
    }
    return node
  }

  flag(word: number): string {
    return `${this.#prefix}f${word}`
  }

  /** Declares the flags: to stand before everything that consumes. */
  declareFlags(): string {
    return Array.from({ length: this.words }, (_, word) => `let ${this.flag(word)} = 0;`).join(' ')
  }

  /** Hands the flags over. */
  storeFlags(array: string): string {
    return Array.from({ length: this.words }, (_, word) => `${array}[${word}] = ${this.flag(word)};`).join(
      ' ',
    )
  }

  #isRedacted(step: Step): boolean {
    if (typeof step === 'number') return false
    return this.#redacted(typeof step === 'string' ? step : step.key)
  }

  #objectAt(segments: readonly Step[]): string {
    if (segments.length === 0) return this.#prefix === 'r' ? this.#root : this.#load('', this.#root)
    return this.#load(formatPath(segments), member(this.#objectAt(segments.slice(0, -1)), segments.at(-1)!))
  }

  /** Loaded once, and always an object, so that members below can be read without asking. */
  #load(path: string, expression: string): string {
    let name = this.#objects.get(path)
    if (name === undefined) {
      name = `${this.#prefix}o${this.#objects.size}`
      this.#objects.set(path, name)
      this.loads.push(`const ${name} = object(${expression});`)
    }
    return name
  }
}

function member(object: string, segment: Step): string {
  if (typeof segment === 'number') return `element(${object}, ${segment})`
  if (typeof segment === 'object')
    return `find(${object}, ${literal(segment.key)}, ${literal(segment.equals)})`
  const isIndex = /^\d+$/.test(segment)
  return inherited.has(segment) || isIndex
    ? `own(${object}, ${literal(segment)})`
    : `${object}[${literal(segment)}]`
}
