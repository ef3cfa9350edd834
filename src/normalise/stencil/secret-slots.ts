/**
 * Slots of fields that hold secrets (attribution/redact/secrets.ts): what the producer has hidden is copied, whatever it
 * is; anything else is never copied, and nothing is learnt from it.
 */
import { calledOf } from '../../attribution/redact/field-name.ts'
import { hashPrefix, isHidden } from '../../attribution/redact/secrets.ts'
import type { Slot } from './shape.ts'
import { alone, type CountedClass } from './slot-class.ts'
import { textAt } from './slot-text.ts'
import type { SlotUse } from './slot-use.ts'

const prefix = Buffer.from(hashPrefix)

function isHash(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[from + i] !== prefix[i]) return false
  return true
}

/** HMACs are all alike; other words for what is hidden are few. */
const hiddenClass: CountedClass = {
  count: 1,
  of: (bytes, from, to) => (isHash(bytes, from, to) ? 0 : alone),
}

/** Whether a slot's text must not be copied. */
export const isExposed = (bytes: Buffer, from: number, to: number): boolean =>
  !isHash(bytes, from, to) && !isHidden(textAt(bytes, from, to))

/** @param names in small letters */
export function withSecrets({ path, kind }: Slot, use: SlotUse, names: ReadonlySet<string>): SlotUse {
  if (names.size === 0 || kind !== 'string') return use
  const isSecret = path.some(
    (step) => typeof step === 'string' && calledOf(step, (name) => names.has(name)) !== undefined,
  )
  return isSecret ? { ...use, isSecret, classes: [...use.classes, hiddenClass] } : use
}
