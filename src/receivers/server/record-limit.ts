/**
 * A record over `max_record` is not read, since that would hold everything else up: it becomes one marked event, with its
 * head, its size and its hash.
 */
import { hash } from 'node:crypto'
import { oversizeHead, type TextRecord } from '../../event/record.ts'

const encoder = new TextEncoder()
const scratch = new Uint8Array(oversizeHead)

/** What stands for a text of more than `maxRecord` bytes in UTF-8; undefined where it is no longer than that. */
export function oversizeRecord(text: string, maxRecord: number): TextRecord | undefined {
  if (!isOver(text, maxRecord)) return undefined
  // Only whole characters, as far as they fit. Half of a pair at the end of the slice would be three bytes, and never does.
  const { read } = encoder.encodeInto(text.slice(0, oversizeHead), scratch)
  const oversize = { size: Buffer.byteLength(text), sha256: hash('sha256', text) }
  return { text: text.slice(0, read), oversize }
}

/** Whether it has more bytes in UTF-8. A character of UTF-16 takes one to three: mostly that is answer enough. */
export function isOver(text: string, bytes: number): boolean {
  if (text.length > bytes) return true
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes
}
