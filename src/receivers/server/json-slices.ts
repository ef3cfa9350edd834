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

/**
 * The elements of the list that the text is, one at a time, since there may be millions.
 * @throws SliceError behind those that there are, where its brackets, or what follows them, are wrong
 */
export function* elementsIn(text: string): Generator<string> {
  const open = afterSpace(text, 0)
  if (text[open] !== '[') throw new SliceError('it does not begin with [')
  let isFirst = true
  let end = open
  do {
    const start = end + 1
    end = pieceEnd(text, start)
    const isLast = text[end] !== ','
    if (isLast) closes(text, open, end)
    // An empty list has one piece of nothing.
    if (!(isLast && isFirst && afterSpace(text, start) === end)) yield text.slice(start, end)
    isFirst = false
  } while (text[end] === ',')
  if (afterSpace(text, end + 1) < text.length) throw new SliceError('something follows the list')
}

/**
 * The objects that follow each other in the text, with white space or nothing between them.
 * @throws SliceError behind those that are, where something else stands or one is not closed
 */
export function* objectsIn(text: string): Generator<string> {
  let at = afterSpace(text, 0)
  while (at < text.length) {
    if (text[at] !== '{') throw new SliceError('it does not begin with {')
    let end = at
    do end = pieceEnd(text, end + 1)
    while (text[end] === ',')
    closes(text, at, end)
    yield text.slice(at, end + 1)
    at = afterSpace(text, end + 1)
  }
}

/**
 * Each name of the object that the text is, and what stands behind it; a name may come twice. What stands there is not
 * looked at.
 * @throws SliceError where that is no object, or something follows it
 */
export function* membersIn(text: string): Generator<[name: string, written: string]> {
  const open = afterSpace(text, 0)
  if (text[open] !== '{') throw new SliceError('it does not begin with {')
  let end = open
  do {
    const start = end + 1
    end = pieceEnd(text, start)
    const isLast = text[end] !== ','
    if (isLast) closes(text, open, end)
    const key = afterSpace(text, start)
    // An empty object has one piece of nothing.
    if (key === end && isLast && start === open + 1) break
    yield memberIn(text, key, end)
  } while (text[end] === ',')
  if (afterSpace(text, end + 1) < text.length) throw new SliceError('something follows the object')
}

function memberIn(text: string, key: number, end: number): [name: string, written: string] {
  const keyEnd = text[key] === '"' ? stringEnd(text, key) + 1 : end
  const colon = afterSpace(text, keyEnd)
  if (colon >= end || text[colon] !== ':') throw new SliceError('a member is no name with a value')
  return [nameIn(text.slice(key, keyEnd)), text.slice(afterSpace(text, colon + 1), beforeSpace(text, end))]
}

function nameIn(quoted: string): string {
  if (isAsItIs(quoted)) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw new SliceError('a name is no JSON text')
  }
}

/** Whether a text means what stands in it: without escapes, and without what must be one. */
function isAsItIs(quoted: string): boolean {
  for (let at = 0; at < quoted.length; at++) {
    const code = quoted.charCodeAt(at)
    if (code === 0x5c || code < 0x20) return false
  }
  return true
}

/** Where the piece ends that begins at `start`: at a comma, or at the bracket that closes what it is in. */
function pieceEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
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
        if (depth === 0) return at
        depth--
        break
      case 0x2c: // ,
        if (depth === 0) return at
        break
      default:
    }
  }
  throw new SliceError('it is not closed')
}

function closes(text: string, open: number, end: number): void {
  if (text.charCodeAt(end) !== text.charCodeAt(open) + 2) throw new SliceError('another bracket closes it')
}

/** Where the quote is that ends the string which begins at `start`, or the end of the text. */
export function stringEnd(text: string, start: number): number {
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

/** Where something else than white space stands, from there on. */
export function afterSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

function beforeSpace(text: string, from: number): number {
  let at = from
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at--
  return at
}
