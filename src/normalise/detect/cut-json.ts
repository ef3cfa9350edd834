/** JSON whose end is not there, such as the first bytes of a very long line. */

/**
 * A JSON text with what `text` holds completely: cut off behind its last whole member or element, and closed. Undefined
 * where it does not begin with an object or an array. What is no JSON stays none.
 */
export function closeJson(text: string): string | undefined {
  const start = text.search(/[^ \t\r\n]/)
  if (start < 0 || (text[start] !== '{' && text[start] !== '[')) return undefined
  const { end } = walk(text, start, text.length)
  // What was open there is seen by a second walk: to note it at each end would take ever longer the deeper the text is.
  return text.slice(0, end) + walk(text, start, end).closers.toReversed().join('')
}

/** Up to where everything is whole, and what closes that which is open at `to`, the innermost last. */
function walk(text: string, from: number, to: number): { readonly end: number; readonly closers: string[] } {
  const closers: string[] = []
  let quoted = false
  let end = 0
  for (let at = from; at < to; at++) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at++
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']')
      end = at + 1
    } else if (character === '}' || character === ']') {
      closers.pop()
      end = at + 1
    } else if (character === ',') end = at
  }
  return { end, closers }
}
