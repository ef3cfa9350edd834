/** JSON that is written over several lines, for people: read line by line it is nothing. */

/** @param text the beginning of an input */
export function looksPretty(text: string): boolean {
  const lines = text.split('\n', 16).filter((line) => line.trim() !== '')
  const [first, second] = lines
  if (first === undefined || second === undefined) return false
  // One bad line among good ones is something else.
  return opens.test(first) && !isJson(first) && !isJson(second)
}

/** A bracket that is still open at the line's end. */
const opens = /^\ufeff?\s*[[{].*[[{,]\s*$|^\ufeff?\s*[[{]\s*$/

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
