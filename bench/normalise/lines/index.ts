/** A maker of lines for each preset; a preset without one fails the check. */
import type { Draw } from '../draw.ts'
import * as json from './json.ts'
import * as kubernetes from './kubernetes.ts'
import * as otlp from './otlp.ts'
import * as plain from './plain.ts'

export interface LineMaker {
  /** Record `n`; several lines where a format's record has several. */
  readonly line: (draw: Draw, n: number) => string
  /**
   * The reference of a format that is not JSON: one record's text taken apart into its fields, in the plainest way that
   * JavaScript has for it. Without one the reference is JSON.parse.
   */
  readonly fields?: (text: string) => unknown
}

export const lineMakers: Readonly<Record<string, LineMaker>> = { json, kubernetes, otlp, plain }
