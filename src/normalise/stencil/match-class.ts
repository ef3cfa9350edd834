/**
 * What regular expressions make of a value: nothing where one does not match, the value itself where it takes all of it.
 * Such values are treated alike. One of which it takes a part decides by itself, or is treated alike with others of which it
 * takes one, where that part is read for each line (slot-part.ts).
 */
import { firstBytes } from './first-byte.ts'
import { alone, type CountedClass, type SlotClass } from './slot-class.ts'
import { isOpen, type Match, SlotPart, takenBy } from './slot-part.ts'

const unmatched = 0
const whole = 1
const part = 2
const classes = 3

/** A longer one is not worth a text of its own; bytes. */
const maxLength = 4096
const maxRememberedLength = 512

/** What is done to a value by one of them. */
export interface SlotMatch {
  /** To tell it from others. */
  readonly form: string
  readonly match: Match
  /** Set where parts are read. */
  readonly part: SlotPart | undefined
}

export function slotMatch(match: Match, mayBeRead: boolean): SlotMatch {
  const part = mayBeRead && isOpen(match) ? new SlotPart(match) : undefined
  return { form: JSON.stringify([match.pattern.source, match.group, part !== undefined]), match, part }
}

interface Outcome {
  readonly class: number
  readonly taken: readonly (string | undefined)[]
}

/** Texts remembered with what became of them: many come again, and some patterns are slow. */
const maxRemembered = 1024

/** What a value's class is by all of them; what each took is then known to its reader. */
export function matchClass(matches: readonly SlotMatch[]): CountedClass {
  const remembered = new Map<string, Outcome>()
  const only = matches.length === 1 ? matches[0]! : undefined
  const first = only && firstBytes(only.match.pattern.source)
  const of: CountedClass['of'] = (bytes, from, to) => {
    if (to - from > maxLength) return alone
    if (first !== undefined && from < to && first[bytes[from]!] === 0) {
      only!.part?.keep(undefined)
      return unmatched
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()
    let outcome = remembered.get(text)
    if (outcome === undefined) {
      outcome = outcomeOf(matches, text)
      if (remembered.size >= maxRemembered) remembered.clear()
      if (text.length <= maxRememberedLength) remembered.set(text, outcome)
    }
    for (let i = 0; i < matches.length; i++) matches[i]!.part?.keep(outcome.taken[i])
    return outcome.class
  }
  return { of, count: classes ** matches.length }
}

/** Where more than its text is made of what is matched: values that do not match are treated alike, others decide. */
export function unmatchedClass(match: Match): SlotClass {
  const { of } = matchClass([slotMatch(match, false)])
  return (bytes, from, to) => (of(bytes, from, to) === unmatched ? unmatched : alone)
}

function outcomeOf(matches: readonly SlotMatch[], text: string): Outcome {
  const taken = matches.map(({ match }) => takenBy(match, text))
  // What an escape stands for is for the general path to say.
  if (text.includes('\\')) return { class: alone, taken }
  const isSimple = /^[ -~]*$/.test(text) && !isNumeric(text)
  let joint = 0
  for (const [i, found] of taken.entries()) {
    const one = found === undefined ? unmatched : found === text ? whole : part
    if (one === part && (matches[i]!.part === undefined || !isSimple)) return { class: alone, taken }
    joint = joint * classes + one
  }
  return { class: joint, taken }
}

/** Whether it may stand there without quotes. */
function isNumeric(text: string): boolean {
  return /^[-\d][\d.eE+-]*$/.test(text)
}
