/**
 * What a regular expression makes of a value: nothing where it does not match, the value itself where it takes all of
 * it. Such values are treated alike; one of which it takes a part decides by itself.
 */
import { createTransform, type Steps } from '../compile/transform.ts'
import { alone, type SlotClass } from './slot-class.ts'

const unmatched = 0
const whole = 1

/** A longer one is not worth a text of its own; bytes. */
const maxLength = 4096

export function matchClass({ match }: Pick<Steps, 'match'>): SlotClass {
  const transform = createTransform(match === undefined ? {} : { match }, false)
  return (bytes, from, to) => {
    if (to - from > maxLength) return alone
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()
    // What an escape stands for is for the general path to say.
    if (text.includes('\\')) return alone
    const result = transform.apply(text)
    if (result === undefined) return unmatched
    return transform.whole && result === text ? whole : alone
  }
}
