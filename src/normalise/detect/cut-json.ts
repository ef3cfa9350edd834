/** JSON whose end is not there, such as the first bytes of a very long line. */

/**
 * A JSON text with what `text` holds completely: cut off behind its last whole member or element, and closed. Undefined
 * where it does not begin with an object or an array. What is no JSON stays none.
 */
export function closeJson(text: string): string | undefined {
  const start = text.search(/[^ \t\r\n]/)
  if (start < 0 || (text[start] !== '{' && text[start] !== '[')) return undefined
  const open: string[] = []
  let quoted = false
  /** Up to here everything is whole, with what is open there. */
  let whole = { end: 0, closers: '' }
  const mark = (end: number) => {
    whole = { end, closers: open.toReversed().join('') }
  }
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at++
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') {
      open.push(character === '{' ? '}' : ']')
      mark(at + 1)
    } else if (character === '}' || character === ']') {
      open.pop()
      mark(at + 1)
    } else if (character === ',') mark(at)
  }
  return text.slice(0, whole.end) + whole.closers
}
