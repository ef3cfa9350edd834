/** What happens to a `kubernetes` receiver that must be on record: the agent makes events of it. */

/** A pod's annotation names a preset or mapping that there is not: its records are read by what they look like. */
export interface ReadingUnknown {
  readonly kind: 'reading_unknown'
  readonly receiver: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly annotation: string
  /** What stands there; long ones are cut. */
  readonly value: string
  /** The preset that the records were found to be of. */
  readonly preset: string
}

export type NotifyOfPod = (notice: ReadingUnknown) => void
