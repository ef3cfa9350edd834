/** CloudEvents 1.0, JSON batch format: each event is the `data` of one, byte for byte. */
import { cloudEventAround } from '../../shapes/cloudevents.ts'
import type { DeliveryBatch } from '../sink.ts'

export function cloudEvents({ lines, lengths }: Pick<DeliveryBatch, 'lines' | 'lengths'>): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const [index, length] of lengths.entries()) {
    const line = lines.subarray(at, at + length)
    at += length + 1
    const [head, tail] = cloudEventAround(line.toString())
    parts.push(Buffer.from(`${index === 0 ? '[' : ','}${head}`), line, Buffer.from(tail))
  }
  parts.push(Buffer.from(']'))
  return Buffer.concat(parts)
}
