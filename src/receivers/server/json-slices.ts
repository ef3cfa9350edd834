/**
 * Where values stand in a JSON text, found without parsing it: they are handed on as they were written, so that what
 * JSON.parse would lose of them (large integers, keys given twice) is still there for whoever reads them. One walk
 * counts brackets and steps over strings; nothing is judged but the frame, and what is no JSON fails where it is parsed.
 */

export class SliceError extends Error {}

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** The first character that is no white space, if there is one. */
export function firstCharacter(text: string): string | undefined {
  const at = afterSpace(text, 0)
  return at < text.length ? text[at] : undefined
}

/** The elements of the list that the text is. @throws SliceError where its brackets, or what follows them, are wrong */
export function elementsOf(text: string): string[] {
  const open = afterSpace(text, 0)
  if (text[open] !== '[') throw new SliceError('it does not begin with [')
  const elements: string[] = []
  const end = walk(text, open, (start, stop) => elements.push(text.slice(start, stop)))
  if (afterSpace(text, end) < text.length) throw new SliceError('something follows the list')
  // An empty list has one piece of nothing.
  return elements.length === 1 && elements[0]!.trim() === '' ? [] : elements
}

/**
 * The objects that follow each other in the text, with white space or nothing between them.
 * @throws SliceError behind those that are, where something else stands or one is not closed
 */
export function* objectsIn(text: string): Generator<string> {
  let at = afterSpace(text, 0)
  while (at < text.length) {
    if (text[at] !== '{') throw new SliceError('it does not begin with {')
    const end = walk(text, at, () => {})
    yield text.slice(at, end)
    at = afterSpace(text, end)
  }
}

/** What stands behind a name in an object that is known to be valid; of a name given twice the last. */
export const memberOf = (text: string, name: string): string | undefined => membersOf(text).get(name)

/** What stands behind each name in an object that is known to be valid; of a name given twice the last. */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>()
  walk(text, afterSpace(text, 0), (start, stop) => {
    const key = afterSpace(text, start)
    if (key === stop) return
    const keyEnd = stringEnd(text, key) + 1
    const colon = afterSpace(text, keyEnd)
    const quoted = text.slice(key, keyEnd)
    const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
    members.set(name, text.slice(colon + 1, stop).trim())
  })
  return members
}

/** Tells of every piece between commas at the first level of brackets; returns where it goes on behind the closing one. */
function walk(text: string, open: number, piece: (start: number, stop: number) => void): number {
  let depth = 0
  let start = open + 1
  for (let at = open; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = stringEnd(text, at)
        break
      case 0x5b: // [
      case 0x7b: // {
        depth++
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        if (depth > 0) break
        if (text.charCodeAt(at) !== text.charCodeAt(open) + 2)
          throw new SliceError('another bracket closes it')
        piece(start, at)
        return at + 1
      case 0x2c: // ,
        if (depth > 1) break
        piece(start, at)
        start = at + 1
        break
      default:
    }
  }
  throw new SliceError('it is not closed')
}

/** Where the quote is that ends the string which begins at `start`, or the end of the text. */
function stringEnd(text: string, start: number): number {
  let at = start
  do {
    at = text.indexOf('"', at + 1)
    if (at < 0) return text.length
  } while (isEscaped(text, at))
  return at
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === 0x5c) before--
  return (at - before) % 2 === 0
}

function afterSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}
