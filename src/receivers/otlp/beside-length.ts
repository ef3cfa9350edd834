/**
 * How much a record has beside what it says itself: it is sent once for many, and each event has it. A request of a few bytes
 * a record could become gigabytes otherwise.
 */
import type { ResourceValue, ScopeValue } from './record.ts'

/** A chunk ends after so much of it, of all its records together; ordinary resources are far from that. */
export const chunkBeside = 4 * 1024 * 1024

/** Characters of JSON. */
export const besideLength = (value: ResourceValue | ScopeValue): number => JSON.stringify(value).length
