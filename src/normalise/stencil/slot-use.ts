/** What a mapping does with the value in a slot, as far as it decides what a stencil may assume; see slot-uses.ts. */
import type { MemberRefusal } from '../../attribution/redact/refusals.ts'
import type { TimeReader } from '../compile/time-format.ts'
import type { SlotMatch } from './match-class.ts'
import type { CountedClass } from './slot-class.ts'
import type { TableKeys } from './table-keys.ts'

export interface SlotUse {
  /** Every value decides. */
  exact: boolean
  /** The values that decide; others are content. */
  keys: TableKeys | undefined
  /** What patterns take; a value decides by all of its classes. */
  classes: CountedClass[]
  /** What regular expressions take of it; it decides by their classes, too. */
  matches: SlotMatch[]
  /** Set when the value is read as a time, and nothing else. */
  time: TimeReader | undefined
  /** How it is read. */
  timeForm: string | undefined
  /** It becomes part of a longer text. */
  isPart: boolean
  /** What the producer has not hidden there is a secret. */
  isSecret: boolean
  /** What a text must not be for a stencil to copy it: such as a secret, where an id belongs. */
  refusals: MemberRefusal[]
}

/** Of a value that is copied, and nothing else. */
export const content = (): SlotUse => ({
  exact: false,
  keys: undefined,
  classes: [],
  matches: [],
  time: undefined,
  timeForm: undefined,
  isPart: false,
  isSecret: false,
  refusals: [],
})
