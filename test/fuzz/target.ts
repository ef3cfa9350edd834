/** What can be fuzzed: code that reads bytes from outside. */

export interface FuzzTarget {
  /** Valid inputs, from which the invalid ones are made. */
  readonly corpus: readonly Buffer[]
  /** Throws when something is wrong with the code; what is wrong with the input must not throw. */
  check(bytes: Buffer): void | Promise<void>
}
