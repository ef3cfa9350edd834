/** One pass over JSON's bytes that tells whether JSON.parse could have changed something without saying so. */
import { survivesAsDouble } from './number.ts'

/** `scan`'s answers that are no count of members. */
export const suspect = -1
export const tooDeep = -2

const quote = 0x22
const backslash = 0x5c

/**
 * Counts the members of all objects in valid JSON: the colons outside strings. An object that parsed to fewer members
 * had duplicates. Returns `suspect` when a number does not survive as a double, a `\u` escape is half of a surrogate
 * pair, or a key has an escape, and `tooDeep` beyond `maxDepth` levels of nesting. Of invalid JSON it says nothing of
 * use, but it ends.
 *
 * Why keys: V8 guesses that an object has the keys of one that it parsed before, and once there was a key `\\`, takes
 * another one that begins with an escape for that (Node 24.21: a record could rename the members of later ones).
 */
export function scan(bytes: Buffer, end: number, maxDepth: number): number {
  let members = 0
  let depth = 0
  let suspicious = false
  /** The last string had an escape. */
  let escaped = false
  let i = 0
  while (i < end) {
    const byte = bytes[i++]!
    if (byte === quote) {
      escaped = false
      for (;;) {
        if (i >= end) return members
        const inner = bytes[i++]!
        if (inner === quote) break
        if (inner === backslash) {
          escaped = true
          // \ud800 to \udfff: `d` and a digit of 8 or more, whose codes are the ones from 0x38 on.
          if (bytes[i] === 0x75 && (bytes[i + 1]! | 0x20) === 0x64 && bytes[i + 2]! >= 0x38) suspicious = true
          i++
        }
      }
      // Nearly always what follows a string: saves a turn of the outer loop.
      if (bytes[i] === 0x3a) {
        members++
        if (escaped) suspicious = true
        i++
      } else if (bytes[i] === 0x2c) {
        i++
      }
    } else if (byte === 0x3a) {
      members++
      if (escaped) suspicious = true
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return tooDeep
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
    } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      const start = i - 1
      let plain = true
      while (i < end) {
        const next = bytes[i]!
        if ((next | 0x20) === 0x65 || next === 0x2b || next === 0x2d) plain = false
        else if (next !== 0x2e && (next < 0x30 || next > 0x39)) break
        i++
      }
      // Fifteen digits always survive; with an exponent, the length says nothing.
      if ((!plain || i - start > 15) && !survivesAsDouble(bytes.toString('latin1', start, i)))
        suspicious = true
    }
  }
  return suspicious ? suspect : members
}

/** Members of all objects in a parsed value. */
export function countMembers(value: object): number {
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null) members += countMembers(item)
    }
    return members
  }
  const object = value as Readonly<Record<string, unknown>>
  // Own members only in effect: nothing enumerable stands on Object.prototype. Far faster than Object.keys.
  for (const key in object) {
    members++
    const member = object[key]
    if (typeof member === 'object' && member !== null) members += countMembers(member)
  }
  return members
}
