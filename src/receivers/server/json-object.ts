/**
 * Whether a text is a JSON object, told without making one: of a record of many megabytes JSON.parse makes millions of objects, and
 * holds everything up for as long as that takes. Strict, as JSON.parse is (RFC 8259).
 */

const object = 1
const list = 0

export const isJsonObject = (text: string): boolean =>
  text.charCodeAt(afterSpace(text, 0)) === openObject && isJson(text)

/** The same of an object or a list. */
export function isJson(text: string): boolean {
  const start = afterSpace(text, 0)
  const first = text.charCodeAt(start)
  if (first !== openObject && first !== openList) return false
  const end = valueEnd(text, start)
  return end >= 0 && afterSpace(text, end) === text.length
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openObject = 0x7b
const closeObject = 0x7d
const openList = 0x5b
const closeList = 0x5d
const backslash = 0x5c
/** Where something is wrong. */
const wrong = -1

/** Behind the object or list that begins at `start`. */
function valueEnd(text: string, start: number): number {
  /** Of those that are open, what each is: a byte is enough, however deep they are. */
  let kinds = new Uint8Array(256)
  let depth = 0
  let at = start
  for (;;) {
    // A value begins here.
    const code = text.charCodeAt(at)
    if (code === openObject || code === openList) {
      if (depth === kinds.length) {
        const more = new Uint8Array(2 * depth)
        more.set(kinds)
        kinds = more
      }
      kinds[depth++] = code === openObject ? object : list
      at = afterSpace(text, at + 1)
      const isEmpty = text.charCodeAt(at) === (code === openObject ? closeObject : closeList)
      if (!isEmpty) {
        if (code === openObject) at = memberValue(text, at)
        if (at < 0) return wrong
        continue
      }
    } else {
      at = plainEnd(text, at, code)
      if (at < 0) return wrong
    }
    // Behind a value, or at the bracket that closes what is empty.
    for (;;) {
      at = afterSpace(text, at)
      const next = text.charCodeAt(at)
      const kind = kinds[depth - 1]
      if (next === comma && depth > 0) {
        at = afterSpace(text, at + 1)
        if (kind === object) at = memberValue(text, at)
        if (at < 0) return wrong
        break
      }
      if (next !== (kind === object ? closeObject : closeList)) return wrong
      at++
      if (--depth === 0) return at
    }
  }
}

/** Where the value begins of the member that begins at `at`. */
function memberValue(text: string, at: number): number {
  if (text.charCodeAt(at) !== quote) return wrong
  const end = textEnd(text, at)
  if (end < 0) return wrong
  const behind = afterSpace(text, end)
  return text.charCodeAt(behind) === colon ? afterSpace(text, behind + 1) : wrong
}

function plainEnd(text: string, at: number, code: number): number {
  switch (code) {
    case quote:
      return textEnd(text, at)
    case 0x74:
      return text.startsWith('true', at) ? at + 4 : wrong
    case 0x66:
      return text.startsWith('false', at) ? at + 5 : wrong
    case 0x6e:
      return text.startsWith('null', at) ? at + 4 : wrong
    default:
      return numberEnd(text, at)
  }
}

/** Behind the quote that ends the text which begins at `start`. */
function textEnd(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return at + 1
    if (code === backslash) {
      at = escapeEnd(text, at)
      if (at < 0) return wrong
    } else if (!(code >= 0x20)) return wrong
  }
}

/** At the last character of the escape that begins at `at`. */
function escapeEnd(text: string, at: number): number {
  const letter = text.charCodeAt(at + 1)
  if (letter !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(letter)) ? at + 1 : wrong
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHexDigit(text.charCodeAt(digit))) return wrong
  return at + 5
}

function numberEnd(text: string, start: number): number {
  let at = text.charCodeAt(start) === 0x2d ? start + 1 : start
  if (text.charCodeAt(at) === 0x30) at++
  else {
    at = digitsEnd(text, at)
    if (at < 0) return wrong
  }
  if (text.charCodeAt(at) === 0x2e) {
    at = digitsEnd(text, at + 1)
    if (at < 0) return wrong
  }
  if ((text.charCodeAt(at) | 0x20) !== 0x65) return at
  const sign = text.charCodeAt(at + 1)
  return digitsEnd(text, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1)
}

/** Behind one digit or more. */
function digitsEnd(text: string, start: number): number {
  let at = start
  while (isDigit(text.charCodeAt(at))) at++
  return at === start ? wrong : at
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isHexDigit = (code: number) => isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)

function afterSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
    at++
  }
}
