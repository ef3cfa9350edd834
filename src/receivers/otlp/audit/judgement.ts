/** What is wrong with a record of the audit signal, and what could be better: the first refuses it, the second is a warning. */

export class Judgement {
  /** It lacks, or breaks, what the draft says it MUST have. */
  readonly faults: string[] = []
  /** What is odd about it, each a warning of its own. */
  readonly warnings: string[] = []
  /** What the draft says it SHOULD have: one warning for all. */
  readonly advice: string[] = []

  allWarnings(): readonly string[] {
    if (this.advice.length === 0) return this.warnings
    return [...this.warnings, `the audit signal asks for more: ${this.advice.join(', ')}`]
  }
}
