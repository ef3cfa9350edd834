/** What is wrong with a JSON text. It goes into answers and logs, where what stands in a record does not belong: nothing is quoted. */
import { asError } from '../../errors.ts'

/** Longer texts are not looked through for the place where V8 keeps it to itself. */
const longestSearched = 256 * 1024

/** `thrown` is what JSON.parse threw; anything else keeps its message. */
export function jsonFault(text: string, thrown: unknown): string {
  const { message } = asError(thrown)
  const quoting = unexpected.exec(message)
  if (!(thrown instanceof SyntaxError) || !quoting) return message
  return text.length > longestSearched ? quoting[1]! : `${quoting[1]} in JSON at position ${placeIn(text)}`
}

/** V8 quotes the text in place of saying where. */
const unexpected = /^(Unexpected token '.{1,2}'), (?:\.\.\.)?".* is not valid JSON$/s

/** The shortest beginning of the text that fails as the whole of it does ends with what is not expected. */
function placeIn(text: string): number {
  let [least, most] = [0, text.length]
  while (most - least > 1) {
    const middle = (least + most) >> 1
    if (isUnexpected(text.slice(0, middle))) most = middle
    else least = middle
  }
  return least
}

function isUnexpected(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch (thrown) {
    return unexpected.test(asError(thrown).message)
  }
}
