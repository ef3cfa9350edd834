/** The arguments of a program, from the EXECVE records of an event. */
import type { Fields } from './fields.ts'

/** What they add up to; without `argc` where that is just their number. */
export function assembleArguments(records: readonly Fields[]): Fields {
  const found = new Map<number, Map<number, string> | string>()
  const rest: Fields = {}
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) {
      const match = /^a(\d{1,7})(?:\[(\d{1,7})\])?$/.exec(key)
      if (match === null || typeof value !== 'string') {
        if (!/^a\d+_len$/.test(key)) rest[key] = value
        continue
      }
      const index = Number(match[1])
      if (match[2] === undefined) found.set(index, value)
      else chunksOf(found, index).set(Number(match[2]), value)
    }
  }
  const argv = [...found]
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => (typeof value === 'string' ? value : joined(value)))
  const { argc, ...others } = rest
  const isWhole = argc === String(argv.length)
  return { ...others, ...(isWhole || argc === undefined ? {} : { argc }), argv }
}

function chunksOf(found: Map<number, Map<number, string> | string>, index: number): Map<number, string> {
  const known = found.get(index)
  if (known instanceof Map) return known
  const chunks = new Map<number, string>()
  found.set(index, chunks)
  return chunks
}

/** They are bytes, as characters: a character may be cut in the middle. */
function joined(chunks: ReadonlyMap<number, string>): string {
  const bytes = [...chunks].toSorted(([a], [b]) => a - b).map(([, chunk]) => chunk)
  return Buffer.from(bytes.join(''), 'latin1').toString('utf8')
}
