/** What a value is generated for, and what the code is that reads one. */
import type { TargetType } from '../mapping/targets.ts'

export interface Slot {
  /** The member, for `explain`, warnings and redactions. */
  readonly target: string
  readonly type: TargetType
  /** Whether what feeds it counts as represented. Variables are not part of the event. */
  readonly consumes: boolean
}

/** What a source's code is: statements before, the expression, statements for when it was taken. */
export interface Read {
  readonly before: string
  readonly expression: string
  readonly taken: string
  /** An expression for where the value was found, where the mapping's text does not say it. */
  readonly place?: string
}
