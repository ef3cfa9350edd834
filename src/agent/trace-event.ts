/** One event with where each part of it came from: its raw line, its commit, its deliveries. For `affiant show`. */
import { closeSync, globSync, openSync, readSync } from 'node:fs'
import { randomHashKey } from '../attribution/keyed-hash.ts'
import { AffiantError } from '../errors.ts'
import type { AuditEvent } from '../event/audit-event.ts'
import { KeyRing } from '../journal/key-ring.ts'
import { findEvent, openJournalForReading, whyLost } from '../journal/reading.ts'
import { readMapping } from '../normalise/compile-spec.ts'
import type { NormaliserSpec } from '../normalise/contract.ts'
import { createDecoder } from '../normalise/decode/decoders.ts'
import { compileNormaliser, type InlineNormaliser } from '../normalise/normaliser.ts'
import type { AgentConfig } from './config.ts'
import { findHashKeys } from './hash-keys.ts'
import { normaliserSpec } from './normaliser-specs.ts'
import { type MappedRow, mappedRows } from './trace-mapped.ts'

export interface EventTrace {
  readonly event: AuditEvent
  /** The line it was read from, where that is still on disk. */
  readonly raw: { readonly path: string; readonly offset: number } | undefined
  /** What of the record became what of the event. Empty where the record is not at hand. */
  readonly mapped: readonly MappedRow[]
  /** What no part of the record is shown to have become: `unmapped.amount: 12.5`. */
  readonly rest: readonly string[]
  /** Milliseconds from reading to the commit. */
  readonly committedAfter: number
  /** Milliseconds from reading to settling; absent where it is too long ago to know. */
  readonly delivered: readonly { readonly sink: string; readonly after: number | undefined }[]
  readonly pending: readonly string[]
}

/** @throws AffiantError seq_not_found, journal_damaged */
export async function traceEvent(config: AgentConfig, seq: number): Promise<EventTrace> {
  const dataDir = config.agent.data_dir
  const keys = new KeyRing(config.journal.encryption?.keys)
  const view = await openJournalForReading(dataDir, { keys })
  const found = await findEvent(view, seq)
  if (!found) {
    const why = whyLost(view, seq)
    if (why !== undefined) {
      throw new AffiantError(
        'journal_damaged',
        `event ${seq} cannot be read from the journal in ${dataDir}: ${why}`,
        {
          hint: 'affiant journal salvage takes out what can still be had',
        },
      )
    }
    const range =
      view.durableSeq > view.firstSeq ? `seq ${view.firstSeq} to ${view.durableSeq - 1}` : 'no event'
    throw new AffiantError('seq_not_found', `the journal in ${dataDir} holds ${range}, not ${seq}`)
  }
  const event: AuditEvent = JSON.parse(found.canonical.toString('utf8'))
  const observed = Date.parse(event.observed_time)
  const settled = view.cursors.filter((cursor) => cursor.name in config.sinks)
  const line =
    config.receivers[event.provenance.receiver]?.type === 'file' ? findLine(config, event) : undefined
  // What could not be read was not mapped.
  const isMapped = event.quality.parse !== 'failed' && line?.record !== undefined
  const mapped = isMapped
    ? mappedRows(line.normaliser.explain(line.record), line.record, event, line.isRedacted)
    : []
  return {
    event,
    raw: line && { path: line.path, offset: event.provenance.offset ?? 0 },
    mapped,
    rest: line === undefined ? leaves(event, '') : leaves(event.unmapped ?? {}, 'unmapped.'),
    committedAfter: Math.max(0, Math.round(found.block.writtenTime - observed)),
    delivered: settled
      .filter((cursor) => cursor.settled > seq)
      .map(({ name, history }) => ({ sink: name, after: settledAfter(history, seq, observed) })),
    pending: settled.filter((cursor) => cursor.settled <= seq).map(({ name }) => name),
  }
}

/** Undefined when the history no longer reaches back to the mark that settled `seq`. */
function settledAfter(
  history: readonly (readonly [settled: number, at: number])[],
  seq: number,
  observed: number,
): number | undefined {
  const mark = history.findIndex(([settled]) => settled > seq)
  if (mark < 0 || (mark === 0 && history.length >= historyLength)) return undefined
  return Math.max(0, Math.round(history[mark]![1] - observed))
}

/** Marks that a cursor keeps; a full history may have lost older ones. */
const historyLength = 64

interface FoundLine {
  readonly path: string
  /** Decoded; undefined where it could not be. */
  readonly record: object | undefined
  readonly normaliser: InlineNormaliser
  /** Its receiver has rules. */
  readonly isRedacted: boolean
}

/**
 * The event's line, in whichever of the receiver's files still has it. An event's id derives from its bytes (or from
 * the producer's id in them): what becomes the same id again is that line.
 */
function findLine(config: AgentConfig, event: AuditEvent): FoundLine | undefined {
  const { receiver, stream, offset, length, preset } = event.provenance
  const receiverConfig = config.receivers[receiver]
  if (receiverConfig?.type !== 'file' || offset === undefined || length === undefined) return undefined
  const keys = findHashKeys(config)
  const spec = normaliserSpec(config, receiver, [], keys.length > 0 ? keys : [randomHashKey()])
  const found = preset === undefined ? spec : { ...spec, mapping: { preset }, detected: true }
  const normaliser = compileNormaliser(found)
  for (const path of globSync(receiverConfig.include)) {
    const bytes = readRange(path, offset, length)
    if (bytes === undefined) continue
    const chunk = Buffer.concat([bytes, Buffer.from('\n')])
    const { payload } = normaliser.lines({
      stream: { id: stream, receiver },
      bytes: new Uint8Array(chunk),
      offset,
      observed: Date.parse(event.observed_time),
      // One record, of however many lines.
      frames: { starts: [0], ends: [length], offsets: [offset], lengths: [length] },
    })
    if (Buffer.from(payload).includes(`"id":"${event.id}"`))
      return {
        path,
        record: decoded(found.mapping, bytes.toString('utf8')),
        normaliser,
        isRedacted: found.redact.length > 0,
      }
  }
  return undefined
}

/** Of a list of records the first. */
function decoded(mapping: NormaliserSpec['mapping'], text: string): object | undefined {
  const result = createDecoder(readMapping(mapping).decode).decode(text)
  if (!result.ok) return undefined
  const { value } = result
  return Array.isArray(value) ? value[0] : value
}

function readRange(path: string, offset: number, length: number): Buffer | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    const bytes = Buffer.alloc(length)
    return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined
  } finally {
    closeSync(fd)
  }
}

function leaves(value: object, prefix: string): string[] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? leaves(child, `${prefix}${key}.`)
      : [`${prefix}${key}: ${typeof child === 'string' ? child : JSON.stringify(child)}`],
  )
}
