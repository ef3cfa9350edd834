/** A chunk of records that arrived decoded becomes a batch of events. */
import type { RecordChunk } from '../event/record.ts'
import type { NormalisedBatch, NormaliserSpec } from './contract.ts'
import { detectedPreset } from './detected-preset.ts'
import type { EventMaker } from './event-maker.ts'
import { givenId, noWarnings, type Origin } from './origin.ts'

export function createRecordNormaliser(
  spec: NormaliserSpec,
  maker: EventMaker,
): (chunk: RecordChunk) => NormalisedBatch {
  const agent = spec.agent.id
  const rejects = spec.onMissing === 'reject'
  const { receiver } = spec
  const preset = detectedPreset(spec)
  return (chunk) => {
    const { batch } = maker.begin(chunk.observed)
    const { stream } = chunk
    const { peer } = chunk
    for (const [i, record] of chunk.records.entries()) {
      const index = chunk.index + i
      const origin: Origin = {
        stream,
        warnings: record.warnings ?? noWarnings,
        envelope: record.within?.beside,
        raw: () => Buffer.from(JSON.stringify(record.within?.whole ?? record.value)),
        id: (subIndex) => givenId(record, subIndex),
        provenance: () => ({
          agent,
          index,
          ...(peer === undefined ? {} : { peer: peerOf(peer) }),
          ...preset,
          receiver,
          stream: stream.id,
        }),
      }
      if (rejects) {
        const missing = maker.addOrReject(batch, record.value, origin)
        if (missing !== undefined) batch.rejected.push({ index: i, missing })
      } else maker.addRecord(batch, record.value, origin)
    }
    return batch.finish(chunk.observed)
  }
}

function peerOf(peer: NonNullable<RecordChunk['peer']>) {
  return {
    ...(peer.auth_id === undefined ? {} : { auth_id: peer.auth_id }),
    ...(peer.ip === undefined ? {} : { ip: peer.ip }),
  }
}
