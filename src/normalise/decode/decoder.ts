/** What reads a record's text: the contract of all decoders. */
import type { Joining } from '../../event/joining.ts'
import type { FieldFinder } from './field-finder.ts'

type DecodedRecordValue = Readonly<Record<string, unknown>>

export type Decoded =
  | {
      readonly ok: true
      /** A record, or several: a list with at least one; what in it is no object is no record. */
      readonly value: DecodedRecordValue | readonly unknown[]
      /** What had to be changed or assumed to read it; for `quality.warnings`. Empty for nearly every record. */
      readonly warnings: readonly string[]
      /** Some of the text could not be read: `quality.parse` is `partial`, and the record is kept beside its event. */
      readonly partial?: true
      /** It names the columns of those that follow: no record, and skipped. */
      readonly isHeader?: true
    }
  /** `reason` says what and where, and repeats nothing of the text: it may hold what must be redacted. */
  | { readonly ok: false; readonly reason: string }

/** Never throws, whatever the text. */
export type Decode = (text: string) => Decoded

export interface Decoder {
  readonly decode: Decode
  /** What its records need of whoever reads the lines. */
  readonly joining?: Joining
  /** Finds the values of most of its lines without decoding them. */
  readonly fields?: () => FieldFinder
}
