/** Answers that take long to find, remembered while they hold; a stranger may ask for any number of them. */
import type { Additions } from './contract.ts'

const mostRemembered = 4096
/** A longer text is not worth its memory. UTF-16 units. */
const longest = 1024

/** @param version when it changes, all is forgotten */
export function remember(
  find: (text: string) => Additions,
  version: () => number = () => 0,
): (text: string) => Additions {
  const known = new Map<string, Additions>()
  let at = version()
  return (text) => {
    if (at !== version()) {
      known.clear()
      at = version()
    }
    const found = known.get(text)
    if (found !== undefined) return found
    const additions = find(text)
    if (text.length <= longest) {
      if (known.size >= mostRemembered) known.clear()
      known.set(text, additions)
    }
    return additions
  }
}
