/**
 * Fields as texts have them: `password=hunter2`, `password: "hunter2"`, `"password":"hunter2"`, also escaped as JSON in
 * JSON is. A value in quotes ends with them, an object with its bracket, any other at a space or a separator; where
 * its end is missing, as in a line that was cut off, all that follows is the value.
 */
import type { Spans } from './patterns.ts'

/** Finds the values of fields with these names, in any case. */
export function findFields(names: readonly string[]): (text: string) => Spans {
  const alternatives = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  // Behind a name: its quote, and the sign that a value follows.
  const field = new RegExp(
    `(?<![A-Za-z0-9_-])(?:${alternatives.join('|')})(?:\\\\{0,8}["'])?\\s{0,8}(?:=>|[:=])\\s{0,8}`,
    'gi',
  )
  return (text) => {
    const spans: [number, number][] = []
    field.lastIndex = 0
    for (let match = field.exec(text); match !== null; match = field.exec(text)) {
      const value = valueAt(text, match.index + match[0].length)
      if (value[1] > value[0]) spans.push(value)
      field.lastIndex = Math.max(value[1], match.index + match[0].length)
    }
    return spans
  }
}

const quote = /(\\*)(["'])/y
const plain = /(?:(?:bearer|basic|digest|negotiate|token) +)?[^\s,;&"'\\)\]}]*/iy

function valueAt(text: string, from: number): [number, number] {
  quote.lastIndex = from
  const opening = quote.exec(text)
  if (opening !== null) {
    const start = from + opening[0].length
    return [start, quotedEnd(text, start, opening[0])]
  }
  if (text[from] === '{' || text[from] === '[') return [from, bracketEnd(text, from)]
  plain.lastIndex = from
  return [from, from + (plain.exec(text)?.[0].length ?? 0)]
}

/** Where the same quote stands again, with as many backslashes before it. */
function quotedEnd(text: string, start: number, opening: string): number {
  for (let at = text.indexOf(opening, start); at >= 0; at = text.indexOf(opening, at + 1)) {
    if (text[at - 1] !== '\\') return at
  }
  return text.length
}

function bracketEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      at = text.indexOf('"', at + 1)
      while (at > 0 && text[at - 1] === '\\') at = text.indexOf('"', at + 1)
      if (at < 0) return text.length
    } else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return text.length
}
