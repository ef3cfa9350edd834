/**
 * The hour of an event's time, `2026-05-01T10`, without parsing the event where that can be helped.
 *
 * Canonical JSON escapes quotes in texts, so the bytes of TIME are a key behind another member. Every event has a `time`,
 * and members before it: where the bytes occur once, they are the event's own. Where they occur again, an object inside
 * has such a key too, and the event is parsed. What is found behind one event is the next one's: one search for each.
 */
import type { EventView } from '../sink.ts'

const TIME = Buffer.from(',"time":"')
/** Characters of `2026-05-01T10`. */
const LENGTH = 13

export function createHourReader(): (view: EventView) => string {
  let payload: Buffer | undefined
  /** No key is in `[searched, found)` of the payload. */
  let searched = 0
  let found = 0
  let hour = ''
  let bytes: Buffer = Buffer.alloc(LENGTH)

  const next = (from: number): number => {
    const at = payload?.indexOf(TIME, from) ?? -1
    searched = from
    found = at === -1 ? Number.POSITIVE_INFINITY : at
    return found
  }
  const isSame = (buffer: Buffer, at: number): boolean => {
    // What differs at all differs near the end.
    for (let index = LENGTH - 1; index >= 0; index--) if (buffer[at + index] !== bytes[index]) return false
    return true
  }

  return (view) => {
    if (view.payload !== payload) {
      payload = view.payload
      next(view.start)
    }
    const key = searched <= view.start && view.start <= found ? found : next(view.start)
    const at = key + TIME.length
    if (at + LENGTH <= view.end && next(at) >= view.end) {
      if (!isSame(payload, at)) {
        bytes = Buffer.from(payload.subarray(at, at + LENGTH))
        hour = bytes.toString('latin1')
      }
      return hour
    }
    const { time } = view.event
    return typeof time === 'string' ? time.slice(0, LENGTH) : ''
  }
}
