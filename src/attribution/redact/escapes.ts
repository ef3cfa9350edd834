/**
 * A text without its escapes: those of URLs (`%70`), of JSON (`\u0070`) and of access logs (`\x70`), which hide a name from whoever looks for it.
 * It remembers where each of its characters was written, since what is found in it is taken out of the text itself.
 */

const oneEscape = /%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}/
const escapes = /((?:%[0-9A-Fa-f]{2})+)|\\u([0-9A-Fa-f]{4})|((?:\\x[0-9A-Fa-f]{2})+)/g

export interface Unescaped {
  readonly text: string
  /** Where the character at an index begins in what it was made of; at the length, where that ends. */
  readonly begins: Int32Array
}

export const hasEscapes = (text: string): boolean => oneEscape.test(text)

/** One layer of them: `%2570` becomes `%70`. */
export function unescaped(source: string): Unescaped {
  const begins = new Int32Array(source.length + 1)
  let text = ''
  let from = 0
  const add = (characters: string, at: number) => {
    for (let i = 0; i < characters.length; i++) begins[text.length + i] = at
    text += characters
  }
  const copy = (to: number) => {
    for (let at = from; at < to; at++) begins[text.length + at - from] = at
    text += source.slice(from, to)
  }
  for (const { index, 0: written, 1: percents, 2: code, 3: bytes } of source.matchAll(escapes)) {
    copy(index)
    if (code !== undefined) add(String.fromCharCode(Number.parseInt(code, 16)), index)
    else if (percents !== undefined) {
      for (const [characters, at] of readBytes(percents.replaceAll('%', ''))) add(characters, index + 3 * at)
    } else if (bytes !== undefined) {
      for (const [characters, at] of readBytes(bytes.replaceAll('\\x', ''))) add(characters, index + 4 * at)
    }
    from = index + written.length
  }
  copy(source.length)
  begins[text.length] = source.length
  return { text, begins: begins.subarray(0, text.length + 1) }
}

/** Each character with the number of the byte that it begins with; a byte that begins none is one by itself. */
function* readBytes(digits: string): Generator<readonly [characters: string, byte: number]> {
  const bytes = Buffer.from(digits, 'hex')
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!
    const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    const characters = bytes.toString('utf8', at, at + length)
    const isOne = !characters.includes('\ufffd')
    yield [isOne ? characters : '\ufffd', at]
    at += isOne ? length : 1
  }
}
