/** How records get around being mapped (stencil/). */

/** An event that was written by copying. */
export interface Stencilled {
  /** Where it begins in what the batch is written with. */
  readonly from: number
  readonly incomplete: boolean
}

/** Writes records without mapping them, where it can. */
export interface ShortWay {
  write(record: object, index: number | undefined): Stencilled | undefined
  /** Told after the general way, where `write` could not. */
  learn(): void
}
