/** Lines that stencils are tried with, and what the general path makes of them. */
import { guardRule } from '../../attribution/credential-guard.ts'
import { generationWords, recordIds } from '../../event/id.ts'
import { formatTime } from '../../event/time.ts'
import type { NormalisedBatch, Normaliser } from '../contract.ts'
import { lineChecksums } from '../decode/lines.ts'
import { type LineFacts, lineFacts } from './line-facts.ts'
import { peerText } from './peer-text.ts'
import { pieceOf } from './piece.ts'
import type { Shape } from './shape.ts'
import type { TimeText } from './time-text.ts'
import type { TrialEnrichment } from './trial-enrichment.ts'

/** The general path, without stencils. */
export interface GeneralPath {
  lines(chunk: Parameters<Normaliser['lines']>[0]): NormalisedBatch
  /** Set where stencils are cut for records that a client delivered. */
  readonly received?: Received | undefined
  /** Its enrichers, where there are any. */
  readonly enrichment: TrialEnrichment | undefined
}

interface Received {
  records(chunk: Parameters<Normaliser['records']>[0]): NormalisedBatch
  /** Whether they bring an id. */
  readonly givenId: boolean
}

/** Who delivers those that are tried. */
const peer = { auth_id: 'somebody', ip: '192.0.2.1' }
const trialPeer = pieceOf(Buffer.from(peerText(peer)))
const givenUuid = 'c0ffee00-dead-4bee-8bad-f00dfeedface'

/** A line made of a shape and values. */
export interface Trial {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly slots: Int32Array
  readonly stream: string
  readonly offset: number
  readonly observed: number
}

export function trial({ slots, tail }: Shape, values: readonly Uint8Array[], n: number): Trial {
  const at = new Int32Array(2 * slots.length)
  const parts: Uint8Array[] = []
  let length = 0
  for (const [i, { literal }] of slots.entries()) {
    parts.push(literal, values[i]!)
    length += literal.length
    at[2 * i] = length
    length += values[i]!.length
    at[2 * i + 1] = length
  }
  parts.push(tail)
  return {
    bytes: new Uint8Array(Buffer.concat(parts)),
    slots: at,
    stream: `c0ffee1${n}`.repeat(4),
    offset: 987_654_321_012 + n,
    observed: 33_333_333_333_333 + n,
  }
}

export interface Made {
  readonly event: Buffer
  readonly incomplete: boolean
  /** What is written for the id unless it is made of its producer's. */
  readonly id: string
}

/** The event that the general path makes; undefined when it is not exactly one that was understood. */
export function make(general: GeneralPath, tried: Trial): Made | undefined {
  const batch = batchOf(general, tried)
  if (batch.count !== 1 || batch.records !== 1 || batch.unparsed !== 0 || batch.raw.length !== 0)
    return undefined
  const event = Buffer.from(batch.payload.subarray(0, batch.lengths[0]))
  // A secret that was found in one place is taken out of all others: which they are, the next line decides.
  if (event.includes(guardMark)) return undefined
  const id = general.received ? idIn(event) : idOf(tried)
  return { event, incomplete: batch.incomplete === 1, id }
}

function batchOf(general: GeneralPath, { bytes, stream: id, offset, observed }: Trial): NormalisedBatch {
  const stream = { id, receiver: '' }
  if (general.received) {
    const { givenId } = general.received
    const record = {
      value: JSON.parse(Buffer.from(bytes).toString()),
      ...(givenId && { id: { uuid: givenUuid } }),
    }
    return general.received.records({ stream, records: [record], index: offset, observed, peer })
  }
  const line = new Uint8Array(bytes.length + 1)
  line.set(bytes)
  line[bytes.length] = 0x0a
  return general.lines({ stream, bytes: line, offset, observed })
}

const guardMark = `"rule":"${guardRule}"`

function idOf({ bytes, stream, offset }: Trial): string {
  const checksums = lineChecksums(bytes, { count: 1, starts: [0], ends: [bytes.length] })
  return recordIds(generationWords(stream), offset, [0], checksums)
}

function idIn(event: Buffer): string {
  const { id }: { readonly id: string } = JSON.parse(event.toString())
  return id
}

/** What says of a delivered record where it came from. */
export const receivedText = ({ offset }: Trial): string => `"index":${offset},${peerText(peer)}`

export function factsOf(
  general: GeneralPath,
  tried: Trial,
  { id }: Made,
  times: TimeText[],
  parts: string[],
): LineFacts {
  const { bytes, stream, offset, observed } = tried
  const chunk = { bytes, stream: { id: stream, receiver: '' }, offset, observed }
  return {
    ...lineFacts(chunk, id, formatTime(observed), trialPeer),
    index: general.received && offset,
    length: bytes.length,
    extent: bytes.length,
    offset,
    times,
    parts,
  }
}
