/** A mapping after it was read: names resolved to kinds, everything checked, nothing compiled. */
import type { Condition } from '../../cel/contract.ts'
import type { Pattern } from '../../pattern/pattern.ts'
import type { Decoding } from '../decode/decoders.ts'
import type { FixedPath, Path } from './path.ts'

export type Scalar = string | number | boolean

/** Part of a template or of a computed path: literal text, or the first alternative with a value. */
export type Part = string | readonly Reference[]

export type Reference = PathSource | VariableSource | KeySource

interface PathSource {
  readonly kind: 'path'
  readonly path: Path
}

export interface VariableSource {
  readonly kind: 'variable'
  readonly name: string
}

/** `$key`: the name of the member, or the index of the element, that `each` is at. */
interface KeySource {
  readonly kind: 'key'
}

export type Source =
  | Reference
  | { readonly kind: 'const'; readonly value: unknown }
  | { readonly kind: 'template'; readonly parts: readonly (Part | { readonly optional: readonly Part[] })[] }
  /** A path of the record whose keys are computed. */
  | {
      readonly kind: 'field'
      /** Where the keys are looked up: the record itself, without one. */
      readonly under: FixedPath | undefined
      readonly segments: readonly (readonly Part[])[]
    }
  /** Every one that has a value, as a list. */
  | { readonly kind: 'all'; readonly values: readonly Value[] }

/** One way to a value; it counts when it is present and fits its target. */
export interface Candidate {
  readonly source: Source
  /** As written, for `explain`. */
  readonly text: string
  readonly when?: Condition
  /** Counts only when one of these has a value. */
  readonly if?: readonly Reference[]
  /** Counts only when none of these has a value. */
  readonly unless?: readonly Reference[]
  readonly trim?: true
  /** The text of a group, 0 for the whole match. */
  readonly match?: { readonly pattern: Pattern; readonly group: number }
  /** Without `part`, every one of them: for members that are lists. */
  readonly split?: { readonly separators: string; readonly part?: number }
  readonly case?: 'lower' | 'upper'
  readonly table?: { readonly entries: Readonly<Record<string, Scalar>>; readonly ignoreCase: boolean }
  /** Formats are tried in order. */
  readonly time?: { readonly formats: readonly string[]; readonly zone?: string }
}

/** Tried in order; the first that counts wins. */
export type Value = readonly Candidate[]

/** One entry of a list such as `targets`; with `each`, one for every element of an array or member of an object. */
export interface ListEntry {
  readonly each?: Path
  readonly when?: Condition
  /** As of a value; of every element, with `each`. */
  readonly if?: readonly Reference[]
  readonly unless?: readonly Reference[]
  /** Only when no entry before it made an element. */
  readonly otherwise?: true
  readonly members: Readonly<Record<string, Value>>
  readonly lists: Readonly<Record<string, readonly ListEntry[]>>
  readonly free: Readonly<Record<string, Readonly<Record<string, Value>>>>
}

export interface Mapping {
  readonly decode: Decoding
  readonly expand: readonly Expansion[]
  /** Where a record holds several: each element of this array becomes an event. */
  readonly records?: FixedPath
  /** Names of fields that hold secrets, at any depth; see attribution/redact/secrets.ts. */
  readonly secrets: readonly string[]
  readonly variables: Readonly<Record<string, Value>>
  readonly targets: Readonly<Record<string, Value>>
  readonly lists: Readonly<Record<string, readonly ListEntry[]>>
  /** `metadata.<name>`. */
  readonly metadata: Readonly<Record<string, Value>>
  /** How its records are recognised: any of these. */
  readonly detect: readonly DetectRule[]
  readonly tests: readonly MappingTest[]
}

/** A text member that holds something: how it is taken apart. */
export interface Expansion {
  readonly path: Path
  readonly as: Decoding
}

/** One way to recognise a record of this kind: all of it must hold. */
export interface DetectRule {
  /** Paths that have a value, `null` not among them. */
  readonly has: readonly Path[]
  /** Paths whose value is one of these texts; beginnings and ranges as in tables. */
  readonly equals: readonly { readonly path: Path; readonly values: readonly string[] }[]
  /** RE2 that is found in the line as it was written. */
  readonly pattern?: string
}

/** An example within a mapping: what these lines must become. */
export interface MappingTest {
  readonly name: string
  /** Lines, joined by newlines. */
  readonly input: string
  /** One partial event for each event, in order: the members it names must be so. */
  readonly expect: readonly Readonly<Record<string, unknown>>[]
  /** IANA zone of times without an offset, as of a receiver. */
  readonly zone?: string
  /** Unix milliseconds: when the lines are read. */
  readonly observed?: number
}

/** What is wrong in a mapping, and where. */
export interface MappingProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}
