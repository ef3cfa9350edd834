/**
 * A part of a text that a regular expression takes, as the last name of a path: it is read for each line, as a time is
 * (slot-time.ts), and copied. That is for groups that take any text of some sort, `([^/]+)`, and not one of a few.
 */
import type { Candidate } from '../mapping/mapping.ts'

export type Match = NonNullable<Candidate['match']>

export class SlotPart {
  readonly #match: Match
  #taken: string | undefined

  constructor(match: Match) {
    this.#match = match
  }

  keep(taken: string | undefined): void {
    this.#taken = taken
  }

  /** What was taken last. */
  get taken(): string | undefined {
    return this.#taken
  }

  /** Undefined where it takes nothing of the text, or all of it. */
  read(text: string): string | undefined {
    this.#taken = takenBy(this.#match, text)
    return this.#taken === text ? undefined : this.#taken
  }
}

/** What a regular expression finds; an empty text is nothing. */
export function takenBy({ pattern, group }: Match, text: string): string | undefined {
  return pattern.exec(text)?.[group] || undefined
}

/** Slots whose parts are read. */
export interface PlannedPart {
  readonly slot: number
  readonly reader: SlotPart
}

/** A slot of which a part must be taken. */
export interface ReadPart {
  /** Which of the shape's parts. */
  readonly index: number
  /** Where it was the same text as another part of its slot, that one: it has to be, again. */
  readonly like: number | undefined
}

/**
 * Puts the parts that a stencil needs into `kept`, as they were taken when the line's classes were looked at
 * (match-class.ts); false where they are not as it needs them.
 */
export function keepParts(
  needed: readonly ReadPart[],
  planned: readonly PlannedPart[],
  kept: string[],
): boolean {
  for (let i = 0; i < needed.length; i++) {
    const { index, like } = needed[i]!
    const { taken } = planned[index]!.reader
    if (taken === undefined || (like !== undefined && kept[like] !== taken)) return false
    kept[index] = taken
  }
  return true
}

/** A single class of characters, any number of times. */
const open = /^(?:\[\^?\]?[^\]]+\]|\\[wWSDd]|\.)[+*]\??$/

/** Whether the group takes any text of some sort. */
export function isOpen({ pattern, group }: Match): boolean {
  const text = groupText(pattern.source, group)
  return text !== undefined && open.test(text)
}

/** What stands in the group with this number; undefined where it cannot be told, or for the whole pattern. */
function groupText(source: string, wanted: number): string | undefined {
  let opened = 0
  const groups: { readonly number: number; readonly from: number }[] = []
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character === '\\') at++
    else if (character === '[') {
      const end = /^\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/.exec(source.slice(at))
      if (end === null) return undefined
      at += end[0].length - 1
    } else if (character === '(') {
      const [head, name] = /^\((?:\?(?:P?<(\w+)>|[^)]*?:)|(?!\?))/.exec(source.slice(at)) ?? []
      // Flags for all that follows, or something new.
      if (head === undefined) return undefined
      const captures = name !== undefined || head === '('
      groups.push({ number: captures ? ++opened : 0, from: at + head.length })
      at += head.length - 1
    } else if (character === ')') {
      const group = groups.pop()
      if (group === undefined) return undefined
      if (group.number === wanted && wanted > 0) return source.slice(group.from, at)
    }
  }
  return undefined
}
