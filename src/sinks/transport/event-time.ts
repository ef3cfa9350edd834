/** The time of an event, from its bytes, without parsing it. */

const KEY = Buffer.from('"time":"')

/**
 * The text of the member `time` in the canonical bytes `[start, end)`; undefined where the bytes alone do not say. The key
 * with its quotes cannot be part of a text (quotes are escaped there), so where it stands once, it is the event's own.
 */
export function eventTimeText(bytes: Buffer, start: number, end: number): string | undefined {
  // A view, so that a search ends with the event and not with the batch.
  const event = bytes.subarray(start, end)
  const at = event.indexOf(KEY)
  if (at < 0 || event.indexOf(KEY, at + KEY.length) >= 0) return undefined
  const from = at + KEY.length
  return event.toString('latin1', from, event.indexOf(0x22, from))
}
