/** What turns records into encoded events: compiled once per receiver, run inline or in worker threads. */

import type { EnrichSpec } from '../attribution/enrich/enrichment.ts'
import type { HashKey } from '../attribution/keyed-hash.ts'
import type { RedactRule } from '../attribution/redact/rule.ts'
import type { EncodedBatch } from '../event/batch.ts'
import type { LineChunk, RecordChunk } from '../event/record.ts'
import type { RouteSpec } from '../routing/route.ts'

/** All that a normaliser needs, as plain JSON, so that a worker thread can compile the same one. */
export interface NormaliserSpec {
  readonly agent: { readonly id: string; readonly version: string }
  readonly receiver: string
  /**
   * A preset's name, `auto` for the one that each stream is found to be of, or a mapping as written in the
   * configuration (`extends` resolved at compile time).
   */
  readonly mapping: { readonly preset: string } | { readonly inline: unknown }
  /** The preset was found by a look at the records: events say which it is. */
  readonly detected?: boolean
  /** Its name, where that is not in `mapping`. */
  readonly named?: string
  /** A stream may name another preset, or one of `mappings`, by its `preset`. @default false */
  readonly byStream?: boolean
  /** As written in the configuration, by name. */
  readonly mappings?: Readonly<Record<string, unknown>>
  /** CEL over `record`; other records are counted and skipped. */
  readonly select?: string
  /** IANA zone for times without an offset. */
  readonly zone?: string
  readonly raw: 'none' | 'hash' | 'full'
  /** Required members by category; see attribution/config.ts. */
  readonly require: Readonly<Record<string, readonly string[]>>
  readonly redact: readonly RedactRule[]
  /** What keyed hashes are made with: the first. Secrets. */
  readonly hashKeys: readonly HashKey[]
  /** What becomes of events that lack one. `dead_letter` is the delivery's affair. @default tag */
  readonly onMissing?: 'accept' | 'tag' | 'dead_letter' | 'reject'
  /** Who else knows something about an event, in order; see attribution/enrich/. @default [] */
  readonly enrich?: readonly EnrichSpec[]
  /** The whole route table; those that apply to this receiver are found by the route decider. */
  readonly routes: readonly RouteSpec[]
}

/** A record that is not taken in, since the client that waits for an answer can be told. */
export interface RejectedRecord {
  /** Among the records of its chunk. */
  readonly index: number
  /** What its event lacks. */
  readonly missing: readonly string[]
  /** The scope that it has, where that is none that its credential may deliver. */
  readonly scope?: string
}

export interface NormalisedBatch extends EncodedBatch {
  readonly records: number
  readonly skipped: number
  readonly unparsed: number
  readonly incomplete: number
  /** With `onMissing: reject`, and of credentials with scopes: nothing of these is in the batch. */
  readonly rejected: readonly RejectedRecord[]
  /** Events that a route dropped by name: counted, not in the batch. By route index. */
  readonly dropped: readonly number[]
  /** Set where the chunk has marks: by record, the place of its first event in the batch; -1 where it has none. */
  readonly firstEvents?: Int32Array
}

export interface Normaliser {
  lines(chunk: LineChunk): NormalisedBatch | Promise<NormalisedBatch>
  records(chunk: RecordChunk): NormalisedBatch | Promise<NormalisedBatch>
}
