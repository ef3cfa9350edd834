/** What is wrong with an expression, and where in its source. */
export class CelError extends Error {
  /** From 1, within the expression. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  readonly hint: string | undefined

  constructor(message: string, source: string, offset: number, hint?: string) {
    super(message)
    this.name = 'CelError'
    const before = source.slice(0, Math.max(0, offset)).split('\n')
    this.line = before.length
    this.column = before.at(-1)!.length + 1
    this.hint = hint
  }
}
