/** UUIDv7 (RFC 9562, section 5.7) for records that have neither a position nor an id of their own. */
import { randomFillSync } from 'node:crypto'

/** A source of random bytes. */
export type FillRandom = (bytes: Uint8Array) => unknown

const counterLimit = 2 ** 32

/**
 * Makes ids that sort in the order of the calls. Behind the 48 bits of milliseconds stands a counter of 32 bits
 * (the RFC's method 1, over rand_a and the first 20 bits of rand_b), begun at random in its lower half for each
 * millisecond; 42 bits are random each time. A clock that goes back does not take the ids with it.
 */
export function timeOrderedIds(
  fillRandom: FillRandom = randomFillSync,
): (unixMilliseconds: number) => string {
  // Asking the system for random bytes costs more than the rest: 256 ids' worth at a time.
  const pool = Buffer.alloc(256 * 10)
  let used = pool.length
  let last = -1
  let counter = 0

  function random(bytes: number): number {
    if (used + bytes > pool.length) {
      fillRandom(pool)
      used = 0
    }
    used += bytes
    return pool.readUIntBE(used - bytes, bytes)
  }

  return (unixMilliseconds) => {
    const now = Math.floor(unixMilliseconds)
    if (now > last) {
      last = now
      counter = random(4) >>> 1
    } else if (++counter === counterLimit) {
      last++
      counter = random(4) >>> 1
    }
    const tail = random(6) % 2 ** 42
    const time = last.toString(16).padStart(12, '0')
    const high = (0x7000 + Math.floor(counter / 2 ** 20)).toString(16)
    // 2 bits variant, 20 bits counter, 42 bits random.
    const middle = counter % 2 ** 20
    const variant = (0x8000 + Math.floor(middle / 2 ** 6)).toString(16)
    const low = ((middle % 2 ** 6) * 2 ** 42 + tail).toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-${high}-${variant}-${low}`
  }
}
