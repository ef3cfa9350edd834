/**
 * Addresses of IP, told by their bytes: they are copied as they stand, whichever they are. What is surely none (a name,
 * `unknown`) is left alone, whatever it is. All else decides by itself: addresses with a port, lists, zones.
 */
import { alone, type CountedClass } from './slot-class.ts'

const address = 0
const none = 1

export const addressClass: CountedClass = { of: classOf, count: 2 }

const dot = 0x2e
const colon = 0x3a

function classOf(bytes: Uint8Array, from: number, to: number): number {
  if (isFour(bytes, from, to)) return address
  if (from === to) return alone
  let colons = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    // A list, and what an escape stands for, are for the general path to say.
    if (byte === 0x2c || byte === 0x5c) return alone
    if (byte === colon) colons++
  }
  if (colons === 0) return none
  return colons > 1 && isSix(bytes, from, to) ? address : alone
}

/** Four numbers to 255, without zeros before them. */
function isFour(bytes: Uint8Array, from: number, to: number): boolean {
  let dots = 0
  let number = 0
  let digits = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (byte === dot) {
      if (digits === 0 || ++dots > 3) return false
      number = 0
      digits = 0
    } else {
      if (byte < 0x30 || byte > 0x39 || (digits > 0 && number === 0)) return false
      number = number * 10 + byte - 0x30
      if (number > 255) return false
      digits++
    }
  }
  return dots === 3 && digits > 0
}

/** Eight groups of up to four digits, or fewer and `::` once; the last two may be an address of version 4. */
function isSix(bytes: Uint8Array, from: number, to: number): boolean {
  let groups = 0
  let gap = false
  let at = from
  if (bytes[at] === colon) {
    if (bytes[at + 1] !== colon) return false
    gap = true
    at += 2
  }
  while (at < to) {
    const start = at
    while (at < to && at - start < 4 && isHex(bytes[at]!)) at++
    if (bytes[at] === dot && at < to) {
      if (!isFour(bytes, start, to)) return false
      groups += 2
      break
    }
    if (at === start) return false
    groups++
    if (at === to) break
    if (bytes[at++] !== colon || at === to) return false
    if (bytes[at] === colon) {
      if (gap) return false
      gap = true
      at++
    }
  }
  return gap ? groups < 8 : groups === 8
}

function isHex(byte: number): boolean {
  const letter = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}
