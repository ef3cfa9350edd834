/** Events that are in no journal as output lines: as sinks give them, but without `log`. */
import { rawMember } from '../delivery/raw-member.ts'
import type { NormalisedBatch } from '../normalise/contract.ts'

const ending = Buffer.from('}\n')

/** One line of JSON each, with `raw_data` where the event keeps its record. */
export function batchLines({ payload, lengths, raw, rawLengths }: NormalisedBatch): Uint8Array {
  if (raw.length === 0) return payload
  const events = bufferOf(payload)
  const records = bufferOf(raw)
  const parts: Buffer[] = []
  let at = 0
  let rawAt = 0
  for (const [i, length] of lengths.entries()) {
    const rawLength = rawLengths[i] ?? 0
    const event = events.subarray(at, at + length)
    if (rawLength === 0) parts.push(events.subarray(at, at + length + 1))
    else {
      const kept = records.subarray(rawAt, rawAt + rawLength)
      parts.push(event.subarray(0, -1), rawMember(event, kept), ending)
    }
    at += length + 1
    rawAt += rawLength
  }
  return Buffer.concat(parts)
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
