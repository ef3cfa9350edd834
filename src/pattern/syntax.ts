/**
 * The part of RE2's syntax that `regexp.ts` can take: characters, classes, groups, alternatives, repetition, and anchors at
 * both ends. Anything else (flags, word boundaries, classes by name) is left to the engine that knows all of it.
 */
import { anyButNewline, type Characters, classes, complement, one, range, union } from './characters.ts'

export type Node =
  | { readonly kind: 'characters'; readonly set: Characters }
  | { readonly kind: 'sequence' | 'alternatives'; readonly nodes: readonly Node[] }
  | { readonly kind: 'group'; readonly captures: boolean; readonly node: Node }
  | {
      readonly kind: 'repeat'
      readonly node: Node
      readonly min: number
      readonly max: number
      readonly lazy: boolean
    }

export interface Anchored {
  readonly node: Node
  /** Whether it ends with `$`. */
  readonly toEnd: boolean
}

/** Stops reading a pattern that has more to it. */
class Beyond extends Error {}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' }
const maxCount = 64

/** A pattern that begins with `^`; undefined for any other. */
export function readPattern(source: string): Anchored | undefined {
  if (!source.startsWith('^')) return undefined
  const toEnd = /(?<!\\)(?:\\\\)*\$$/.test(source)
  const reader = new Reader(source.slice(1, toEnd ? -1 : undefined))
  try {
    return { node: reader.read(), toEnd }
  } catch (thrown) {
    if (thrown instanceof Beyond) return undefined
    throw thrown
  }
}

class Reader {
  readonly #characters: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#characters = Array.from(source)
  }

  read(): Node {
    // An anchor would belong to one of the alternatives only.
    const node = this.#sequence()
    if (this.#at < this.#characters.length) throw new Beyond()
    return node
  }

  get #next(): string | undefined {
    return this.#characters[this.#at]
  }

  #take(text: string): boolean {
    const taken = Array.from(text).every((character, i) => this.#characters[this.#at + i] === character)
    if (taken) this.#at += text.length
    return taken
  }

  #alternatives(): Node {
    const nodes = [this.#sequence()]
    while (this.#take('|')) nodes.push(this.#sequence())
    return nodes.length === 1 ? nodes[0]! : { kind: 'alternatives', nodes }
  }

  #sequence(): Node {
    const nodes: Node[] = []
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') nodes.push(this.#repeated())
    return { kind: 'sequence', nodes }
  }

  #repeated(): Node {
    const node = this.#atom()
    const counts = this.#counts()
    if (counts === undefined) return node
    const [min, max] = counts
    const lazy = this.#take('?')
    if (this.#counts() !== undefined || (Number.isFinite(max) ? max : min) > maxCount) throw new Beyond()
    return { kind: 'repeat', node, min, max, lazy }
  }

  #counts(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    const [text, min, comma, max] =
      /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#characters.slice(this.#at, this.#at + 12).join('')) ?? []
    if (text === undefined) return undefined
    this.#at += text.length
    if (comma === '') return [Number(min), Number(min)]
    return [Number(min), max === '' ? Number.POSITIVE_INFINITY : Number(max)]
  }

  #atom(): Node {
    const character = this.#next!
    if (character === '(') return this.#group()
    if (character === '[') return { kind: 'characters', set: this.#class() }
    this.#at++
    if (character === '.') return { kind: 'characters', set: anyButNewline }
    if (character === '\\') return { kind: 'characters', set: this.#escape() }
    if ('^$*+?{'.includes(character)) throw new Beyond()
    return { kind: 'characters', set: one(character) }
  }

  #group(): Node {
    this.#at++
    let captures = true
    if (this.#take('?:')) captures = false
    else if (this.#next === '?') {
      const name = /^\?P?<\w+>/.exec(this.#characters.slice(this.#at, this.#at + 68).join(''))
      if (name === null) throw new Beyond()
      this.#at += name[0].length
    }
    const node = this.#alternatives()
    if (!this.#take(')')) throw new Beyond()
    return { kind: 'group', captures, node }
  }

  #escape(): Characters {
    const character = this.#next ?? ''
    this.#at++
    if (Object.hasOwn(classes, character)) return classes[character]!
    if (Object.hasOwn(controls, character)) return one(controls[character]!)
    if (!/^[!-/:-@[-`{-~]$/.test(character)) throw new Beyond()
    return one(character)
  }

  #class(): Characters {
    this.#at++
    const negated = this.#take('^')
    const sets: Characters[] = []
    for (let first = true; first || this.#next !== ']'; first = false) {
      const character = this.#next
      // A bracket within is a class by name, or a character that is easily taken for one.
      if (character === undefined || character === '[') throw new Beyond()
      this.#at++
      const set = character === '\\' ? this.#escape() : one(character)
      const from = set[0]!
      if (this.#next === '-' && this.#characters[this.#at + 1] !== ']' && from[0] === from[1]) {
        this.#at++
        const end = this.#characters[this.#at]
        if (end === undefined || end === '[' || end === '\\') throw new Beyond()
        this.#at++
        sets.push(range(String.fromCodePoint(from[0]), end))
      } else sets.push(set)
    }
    this.#at++
    return negated ? complement(union(sets)) : union(sets)
  }
}
