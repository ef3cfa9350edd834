/** CloudEvents 1.0, JSON batch format: each event is the `data` of one, byte for byte. */
import type { DeliveryBatch } from '../sink.ts'

const ENDING = Buffer.from('}')

export function cloudEvents({ lines, lengths }: Pick<DeliveryBatch, 'lines' | 'lengths'>): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const [index, length] of lengths.entries()) {
    const line = lines.subarray(at, at + length)
    at += length + 1
    parts.push(Buffer.from(`${index === 0 ? '[' : ','}${head(line)}`), line, ENDING)
  }
  parts.push(Buffer.from(']'))
  return Buffer.concat(parts)
}

interface Known {
  readonly id?: unknown
  readonly action?: unknown
  readonly time?: unknown
  readonly targets?: readonly { readonly id?: unknown }[]
  readonly log?: { readonly origin?: string }
}

/** The context attributes, and the beginning of `data`. `source` and `id` together name an event anywhere. */
function head(line: Buffer): string {
  const { id, action, time, targets, log } = JSON.parse(line.toString()) as Known
  const context = {
    specversion: '1.0',
    id,
    source: `urn:${(log?.origin ?? 'affiant').replaceAll('/', ':')}`,
    type: 'affiant.audit-event.v1',
    subject: targets?.[0]?.id,
    time,
    datacontenttype: 'application/json',
    auditaction: action,
  }
  return `${JSON.stringify(context).slice(0, -1)},"data":`
}
