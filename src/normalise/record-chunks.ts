/** A chunk of records that a client delivered becomes a batch of events. */
import {
  type DecodedRecord,
  decodedRecord,
  identityOf,
  type ReceivedRecord,
  type RecordChunk,
  type TextRecord,
} from '../event/record.ts'
import type { BatchEncoder } from './batch-encoder.ts'
import type { NormalisedBatch, NormaliserSpec, RejectedRecord } from './contract.ts'
import { createDecoder } from './decode/decoders.ts'
import { detectedPreset } from './detected-preset.ts'
import type { EventMaker } from './event-maker.ts'
import type { Mapping } from './mapping/mapping.ts'
import { givenId, noWarnings, type Origin } from './origin.ts'
import type { ReceivedStencils } from './stencil/received-stencils.ts'

export function createRecordNormaliser(
  spec: NormaliserSpec,
  mapping: Mapping,
  maker: EventMaker,
  stencils?: ReceivedStencils,
): (chunk: RecordChunk) => NormalisedBatch {
  const agent = spec.agent.id
  const rejects = spec.onMissing === 'reject'
  const { receiver } = spec
  const preset = detectedPreset(spec)
  const { decode } = createDecoder(mapping.decode)

  function add(batch: BatchEncoder, record: DecodedRecord | TextRecord, origin: Origin): void {
    if ('value' in record) {
      maker.addRecord(batch, record.value, origin)
      return
    }
    if (record.oversize !== undefined) {
      maker.addOversize(batch, {
        head: Buffer.from(record.text, record.encoding),
        whole: record.oversize,
        origin,
      })
      return
    }
    if (record.unread !== undefined) {
      maker.addUnreadable(batch, origin, record.unread)
      return
    }
    const decoded = decode(record.text)
    if (decoded.ok) {
      const { warnings, partial = false } = decoded
      const told = { ...origin, warnings: [...origin.warnings, ...warnings], partial }
      maker.addRecord(batch, decoded.value, told)
    } else maker.addUnreadable(batch, origin, decoded.reason)
  }

  /** The chunk's record at `i`, the way that all of them could take. What is wrong with it, where it was not taken in. */
  function addGenerally(
    batch: BatchEncoder,
    received: ReceivedRecord,
    i: number,
    { stream, peer, values, index: first }: RecordChunk,
  ): Omit<RejectedRecord, 'index'> | undefined {
    const index = first + i
    const record = 'layout' in received ? decodedRecord(received, values!) : received
    const origin: Origin = {
      stream,
      warnings: record.warnings ?? noWarnings,
      envelope: record.within?.beside,
      time: record.time,
      verified: record.verified,
      raw: () => Buffer.from(asItCame(record), 'text' in record ? record.encoding : undefined),
      id: (subIndex) => givenId(record, subIndex),
      provenance: () => ({
        agent,
        index,
        ...(peer === undefined ? {} : { peer: identityOf(peer) }),
        ...preset,
        receiver,
        stream: stream.id,
      }),
    }
    if (rejects || peer?.scopes !== undefined) {
      return maker.events.addOrReject(batch, () => add(batch, record, origin), rejects)
    }
    add(batch, record, origin)
    return undefined
  }

  return (chunk) => {
    const { batch, observedTime } = maker.begin(chunk.observed)
    const { peer } = chunk
    maker.events.allow(peer?.scopes)
    const firstEvents = chunk.marks && new Int32Array(chunk.records.length).fill(-1)
    if (chunk.values !== undefined) stencils?.begin(chunk, observedTime)
    const { records } = chunk
    for (let i = 0; i < records.length; i++) {
      const received = records[i]!
      const index = chunk.index + i
      const first = batch.count
      const isLine = 'layout' in received
      // What scope its event has is known only once it is there.
      const takesShortWay = isLine && peer?.scopes === undefined
      if (takesShortWay) {
        const from = maker.writer.at
        const stencil = stencils?.write(received, index, maker.writer)
        if (stencil !== undefined && !(rejects && stencil.incomplete)) {
          maker.events.addStencilled(batch, { from, incomplete: stencil.incomplete })
          if (firstEvents) firstEvents[i] = first
          continue
        }
        maker.writer.at = from
      }
      const wrong = addGenerally(batch, received, i, chunk)
      if (wrong !== undefined) batch.rejected.push({ index: i, ...wrong })
      if (firstEvents && batch.count > first) firstEvents[i] = first
      if (takesShortWay && maker.isLearnable) stencils?.learn(received)
    }
    return { ...batch.finish(chunk.observed), ...(firstEvents && { firstEvents }) }
  }
}

const asItCame = (record: DecodedRecord | TextRecord): string =>
  'value' in record
    ? (record.asSigned ?? JSON.stringify(record.within?.whole ?? record.value))
    : (record.within?.whole ?? record.text)
