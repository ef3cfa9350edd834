/** What goes along with a walk through one event or record. */
import type { Segment } from '../../event/path.ts'
import type { KeyedHash } from '../keyed-hash.ts'
import type { Notes } from './notes.ts'
import { type PartialRule, type Scanned, scan } from './scanner.ts'
import type { State, WholeRule } from './states.ts'

/** The rules that hold for one event: those without a condition, and those whose condition holds. */
export interface ActiveRules {
  readonly root: State
  /** The same for records, which have names of their own: rules by a field's name, and patterns everywhere. */
  readonly record: State
  /** What befalls all that no `allow` rule names; absent without one. */
  readonly otherwise: WholeRule | undefined
}

export interface Walk {
  readonly rules: ActiveRules
  readonly hash: KeyedHash
  readonly notes: Notes
  /** Where whole values that were taken out are remembered: one of the notes' sets. */
  readonly taken: Set<string>
  /** Where the parts of texts are remembered. */
  readonly parts: Set<string>
  /** Whether what stands at a place of the event is not of its record. */
  readonly isAdded: (trail: readonly Segment[]) => boolean
  /** Found in every text, whatever its place. */
  readonly everywhere: readonly PartialRule[]
  /** Hashes that stand in the place of fields already. */
  readonly made: ReadonlySet<string>
  /** Where the walk is. */
  readonly trail: Segment[]
  /** Told that an object's keys are no longer in canonical order. */
  readonly unordered: () => void
}

/** A text without the parts that match; undefined where nothing of it must be left. */
export function partialText(text: string, state: State, walk: Walk): string | undefined {
  const scanned = scanText(text, state, walk)
  if (scanned === undefined) return text
  note(scanned, walk)
  return scanned.text
}

/** What was found in the text or the name where the walk is. */
export function note({ hits, taken, matched }: Scanned, { notes, parts, trail, isAdded }: Walk): void {
  for (const { method, rule } of hits) notes.add(method, rule, trail)
  if (isAdded(trail)) return
  for (const part of taken) parts.add(part)
  if (parts === notes.parts) for (const part of matched) notes.matched.add(part)
}

/** What the rules here find in a text; undefined where that is nothing. */
export function scanText(text: string, { parts, clean }: State, walk: Walk): Scanned | undefined {
  const { everywhere, made, hash } = walk
  if (everywhere.length > 0) return made.has(text) ? undefined : scan(text, [...everywhere, ...parts], hash)
  if (parts.length === 0 || clean.has(text) || made.has(text)) return undefined
  const scanned = scan(text, parts, hash)
  if (scanned === undefined) clean.add(text)
  return scanned
}
