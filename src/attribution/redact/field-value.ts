/**
 * Where the value of a field ends that stands in a text. One in quotes ends with them, one in brackets with those, a
 * parameter of a URL with the next one, any other at a space or a separator; where its end is missing, as in a line that
 * was cut off, all that follows is the value.
 */

/** How the field is written. */
export interface FieldForm {
  /** What stood behind its name: two quotes where CSV holds JSON. */
  readonly nameQuote: string
  /** It is a parameter of a URL. */
  readonly isParameter: boolean
}

const quote = /(\\*)(["'])/y
const plain = /(?:(?:bearer|basic|digest|negotiate|token) +)?(?:[^\s,;&"'\\)\]}]|\\x(?!22)[0-9a-f]{2})*/iy
/** Access logs write bytes as `\xC3`; a quote, which is `\x22`, ends what the URL stands in. */
const parameter = /(?:[^\s&"\\]|\\x(?!22)[0-9a-f]{2})*/iy
/** One that does not end what the URL stands in. */
const openingQuote = /^"[^\s,:;)\]}"]/
/** Strings of SQL: `E'…'`, `U&'…'`, `$tag$…$tag$`. */
const sqlString = /(?:[EN]|U&)?(?=')/iy
const dollars = /\$(?:[A-Za-z_]\w{0,62})?\$/y

/** `[start, end)` of the value that begins at `from`, without its quotes. */
export function valueAt(text: string, from: number, { nameQuote, isParameter }: FieldForm): [number, number] {
  const first = text[from]
  if (first === '$') {
    const opening = match(dollars, text, from)
    if (opening !== '') {
      const end = text.indexOf(opening, from + opening.length)
      return [from + opening.length, end < 0 ? text.length : end]
    }
  }
  if (isParameter && !openingQuote.test(text.slice(from, from + 2))) {
    return [from, from + match(parameter, text, from).length]
  }
  if (nameQuote === '""' && text.startsWith('""', from)) {
    return [from + 2, quotedEnd(text, from + 2, nameQuote)]
  }
  const prefix = match(sqlString, text, from)
  const opening = match(quote, text, from + prefix.length)
  if (opening !== '') {
    const start = from + prefix.length + opening.length
    return [start, opening === "'" ? sqlEnd(text, start) : quotedEnd(text, start, opening)]
  }
  if (first === '{' || first === '[') return [from, bracketEnd(text, from)]
  const end = from + match(plain, text, from).length
  // PASSWORD('…')
  return text[end - 1] === '(' && text[end] === "'" ? [end + 1, sqlEnd(text, end + 1)] : [from, end]
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** Where the same quote stands again, with as many backslashes before it. */
function quotedEnd(text: string, start: number, opening: string): number {
  for (let at = text.indexOf(opening, start); at >= 0; at = text.indexOf(opening, at + 1)) {
    if (text[at - 1] !== '\\') return at
  }
  return text.length
}

/** Two quotes are one within a string of SQL; elsewhere a backslash may stand before one. */
function sqlEnd(text: string, start: number): number {
  for (let at = text.indexOf("'", start); at >= 0; at = text.indexOf("'", at + 1)) {
    if (text[at + 1] === "'") at++
    else if (text[at - 1] !== '\\') return at
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
