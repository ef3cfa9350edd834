/** The time of an event, from its bytes, without parsing it. */

const KEY = Buffer.from('"time":"')

/**
 * The text of the member `time` in the canonical bytes `[start, end)`; undefined where the bytes alone do not say. The key
 * with its quotes cannot be part of a text (quotes are escaped there), so where it stands once, it is the event's own.
 */
export function eventTimeText(bytes: Buffer, start: number, end: number): string | undefined {
  const at = bytes.indexOf(KEY, start)
  if (at < 0 || at >= end) return undefined
  const next = bytes.indexOf(KEY, at + KEY.length)
  if (next >= 0 && next < end) return undefined
  const from = at + KEY.length
  const to = bytes.indexOf(0x22, from)
  return bytes.toString('latin1', from, to)
}
