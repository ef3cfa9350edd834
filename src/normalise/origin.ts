/** Where a record came from: what its event says of that, and what only its source knows. */
import { producerId, producerUuid } from '../event/id.ts'
import type { ContainerLine, ReceivedRecord, StreamContext } from '../event/record.ts'
import type { EventDraft } from './compile/state.ts'

export interface Origin {
  readonly stream: StreamContext
  /** The id by position or producer; undefined where the event must find its own. */
  id(subIndex: number, event: EventDraft): string | undefined
  /** The record's bytes. */
  raw(): Uint8Array
  /** `index` is set for a record that is one of several in its line. */
  provenance(index: number | undefined): EventDraft['provenance']
  /** For `quality.warnings`. */
  readonly warnings: readonly string[]
  readonly container?: ContainerLine | undefined
  /** When it happened, as the message around it says; written as events write it. */
  readonly time?: string | undefined
  /** The producer's proof was checked and holds. */
  readonly verified?: true | undefined
  /** Some of it could not be read. */
  readonly partial?: boolean
  /** What stood around the record where it was part of another one. */
  readonly envelope?: Readonly<Record<string, unknown>> | undefined
}

export const noWarnings: readonly string[] = Object.freeze([])

/** What the protocol says the id is. */
export function givenId({ id }: ReceivedRecord, subIndex: number): string | undefined {
  if (id === undefined || subIndex > 0) return undefined
  return 'uuid' in id ? producerUuid(id.uuid) : producerId(id.producer, id.uid)
}
