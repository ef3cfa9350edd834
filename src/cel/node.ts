/** A compiled part of an expression, and what its compilation knows. */

import type { Fields } from './contract.ts'
import type { CelError } from './error.ts'
import type { Expr } from './parse.ts'
import type { Kind } from './value.ts'

export type Scope = Readonly<Record<string, unknown>>

/** Gives a value, or `failed`. Never throws, never `undefined`. */
export type Evaluate = (scope: Scope) => unknown

export interface Node {
  readonly evaluate: Evaluate
  readonly kind: Kind
  /** Members below; `true` where unknown. */
  readonly fields: Fields
  /** Where in the source, for errors about this part. */
  readonly offset: number
  /** Set when it is the same for every event. */
  readonly constant?: { readonly value: unknown }
  /** Set when it only reads members of a variable: `[variable, member, …]`. */
  readonly path?: readonly string[]
}

/** What the compilers of all parts of one expression share. */
export interface Compilation {
  readonly source: string
  compile(expr: Expr): Node
  readonly offset: (expr: Expr) => number
  error(message: string, offset: number, hint?: string): CelError
  /** Compiles with one more variable in sight. */
  within<T>(variable: string, node: Node, compile: () => T): T
  /** What loops may still spend in this evaluation; refilled at its start. */
  readonly budget: { left: number; used: boolean }
}

/** Refuses a part whose kind is known and not among `kinds`. */
export function expectKind(compilation: Compilation, node: Node, kinds: readonly Kind[], what: string): void {
  if (node.kind === 'dyn' || kinds.includes('dyn') || kinds.includes(node.kind)) return
  throw compilation.error(`${what} takes ${kinds.join(' or ')}, but this is ${node.kind}`, node.offset)
}

export const constantNode = (value: unknown, kind: Kind, offset: number): Node => ({
  evaluate: () => value,
  kind,
  fields: kind === 'list' || kind === 'map' ? true : {},
  offset,
  constant: { value },
})
