/**
 * Places in an event, as rules name them: `actor.email`, `targets[*].attributes.ssn`, `unmapped.**.card`,
 * `metadata."a.b"`. `*` is any one key or element, `**` any number of them, none included. A list needs no index:
 * `targets.name` is the name of each target, `targets[0].name` that of the first.
 */
import type { Segment } from '../../event/path.ts'

/** One step: a key, an index, a key in any case, any key or element, any element, any number of them. */
export type Step =
  | Segment
  | { readonly folded: string }
  | typeof anyOne
  | typeof anyElement
  | typeof anyNumber

export const anyOne = Symbol('*')
export const anyElement = Symbol('[*]')
export const anyNumber = Symbol('**')

export type ParsedPlace = { readonly steps: readonly Step[] } | { readonly problem: string }

const token = /\*\*|\*|[^.[\]"*{}\s]+|"((?:[^"\\]|\\["\\])*)"/y
const index = /\[(\*|\d{1,6})\]/y

export function parsePlace(text: string): ParsedPlace {
  const steps: Step[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) at += match[0].length
    return match
  }
  while (at < text.length || steps.length === 0) {
    const item = steps.length === 0 ? null : take(index)
    if (item !== null) {
      steps.push(item[1] === '*' ? anyElement : Number(item[1]))
      continue
    }
    if (steps.length > 0 && text[at++] !== '.') {
      return { problem: `${JSON.stringify(text)}, character ${at}: a dot or [index] belongs here` }
    }
    const key = take(token)
    if (key === null) {
      return {
        problem: `${JSON.stringify(text)}, character ${at + 1}: a name belongs here, as in actor.email`,
      }
    }
    steps.push(stepOf(key))
  }
  return { steps }
}

function stepOf([written, quoted]: RegExpExecArray): Step {
  if (quoted !== undefined) return quoted.replace(/\\(["\\])/g, '$1')
  return written === '**' ? anyNumber : written === '*' ? anyOne : written
}

/** A field's name at any depth. */
export const anywhere = (key: string): readonly Step[] => [anyNumber, { folded: key.toLowerCase() }]
