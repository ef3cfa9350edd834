/** CEL as the rest of the house sees it: compiled once, evaluated per event. */

/**
 * Which members exist, for checking an expression before it runs. `true` = anything below is allowed; `{}` = no
 * members (a text, a number); `{ '[]': … }` = a list, and what is known of its items.
 */
export type Fields = true | { readonly [member: string]: Fields }

/**
 * A compiled condition. `scope` holds the variables. An evaluation error (a member that is absent in this event,
 * a type that does not fit) is CEL's error value: absorbed by `||` and `&&` where the other side decides,
 * and `false` at the top, so that nothing is dropped or taken by mistake.
 */
export interface Condition {
  (scope: Readonly<Record<string, unknown>>): boolean
  readonly source: string
}
