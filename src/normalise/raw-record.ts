/** The record as it came, for the events that keep it. */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { AuditEvent } from '../event/audit-event.ts'

export interface RawRecord {
  readonly member: NonNullable<AuditEvent['raw']>
  /** Bytes to keep beside the event; absent where only their hash is wanted. */
  readonly data: Uint8Array | undefined
}

export function rawRecord(bytes: Uint8Array, policy: 'hash' | 'full'): RawRecord {
  return {
    member: {
      encoding: isUtf8(bytes) ? 'utf-8' : 'base64',
      sha256: hash('sha256', bytes),
      size: bytes.length,
    },
    data: policy === 'full' ? bytes : undefined,
  }
}

/** Of a record that was too long to be read whole: its head, with size and hash of the whole. */
export function oversizeRawRecord(head: Uint8Array, whole: { size: number; sha256: string }): RawRecord {
  return {
    member: {
      encoding: isUtf8(head) ? 'utf-8' : 'base64',
      sha256: whole.sha256,
      size: whole.size,
      truncated: true,
    },
    data: head,
  }
}
