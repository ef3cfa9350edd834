/** Lines that say by a label whether they begin a record, as PostgreSQL's do. */
import type { Continues } from './multiline.ts'

const tab = 0x09
const behind = Buffer.from(':  ')
/** Bytes of a line that are looked at. */
const looked = 4096

export function continuesByLabel(labels: {
  readonly first: readonly string[]
  readonly further: readonly string[]
}): Continues {
  const first = new Set(labels.first)
  const further = new Set(labels.further)
  return (line) => {
    if (line[0] === tab) return true
    for (let at = line.indexOf(behind); at >= 0 && at < looked; at = line.indexOf(behind, at + 1)) {
      const label = wordBefore(line, at)
      if (first.has(label)) return false
      if (further.has(label)) return true
    }
    return false
  }
}

/** Capital letters and digits that end at `end`. */
function wordBefore(line: Buffer, end: number): string {
  let from = end
  while (from > 0 && isOfWord(line[from - 1]!)) from--
  return line.toString('latin1', from, end)
}

function isOfWord(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39)
}
