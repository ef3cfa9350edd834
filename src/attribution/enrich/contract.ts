/**
 * What an enricher is. It is asked about one text (a member of the event: its `key`), about the stream, or about nothing,
 * and answers with members that the event may be given. For the same text, stream and `version` the answer is the same
 * object, which nobody writes to: whoever knows an event's shape can know what will be added to it.
 */
import type { StreamContext } from '../../event/record.ts'

/** One member that an enricher has a value for; the value fits the member. */
export interface Addition {
  /** Dotted: `actor.email`, `metadata.team`; `source.geo` and `scope` are given as a whole. */
  readonly member: string
  /** The same, split. */
  readonly path: readonly string[]
  readonly value: unknown
}

export type Additions = readonly Addition[]

export const nothingToAdd: Additions = Object.freeze([])

interface Common {
  /** `static`, `lookup` … */
  readonly kind: string
  /** Members that it may set, dotted. */
  readonly sets: readonly string[]
  /** Grows when answers may have changed, between two chunks and never within one. */
  readonly version: number
}

/** Adds the same to every event. */
export interface ConstantEnricher extends Common {
  readonly reads: 'nothing'
  readonly additions: Additions
}

/** Adds the same to every event of a stream. */
export interface StreamEnricher extends Common {
  readonly reads: 'stream'
  readonly additionsFor: (stream: StreamContext) => Additions
}

/** Adds what it knows about one text of the event. */
export interface KeyedEnricher extends Common {
  readonly reads: 'member'
  /** The member whose text it looks up, dotted. */
  readonly key: string
  readonly additionsFor: (text: string) => Additions
  /** Where the text is an address: how many leading bits of an IPv4 address, given as 32 bits, decide about the answer. */
  readonly ipv4Prefix?: (address: number) => number
}

/** Looks at the event itself. */
export interface RecordEnricher extends Common {
  readonly reads: 'record'
  readonly additionsFor: (event: Readonly<Members>) => RecordAdditions
}

export interface RecordAdditions {
  readonly additions: Additions
  /** Texts that must not stay in the event: their keyed hashes take their places. */
  readonly secrets?: readonly string[] | undefined
  /** For `quality.warnings`; without a secret. */
  readonly warning?: string | undefined
}

export type Enricher = ConstantEnricher | StreamEnricher | KeyedEnricher | RecordEnricher

/** The members of an event in the making, in canonical order. */
export type Members = Record<string, unknown>
