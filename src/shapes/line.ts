/**
 * Output lines, taken apart and put together again.
 *
 *     canonical   {"action":"a",…,"time":"…"}
 *     line        {"action":"a",…,"time":"…","raw_data":"…","log":{"origin":"…","seq":41,"size":1024}}
 *
 * Canonical bytes are RFC 8785, so that they can be made anew from the values; `log.size` says whether they are the same.
 */

import { type OutputEvent, outputEvent } from '../event/audit-event.ts'
import { canonicalize } from '../event/canonical.ts'
import { ShapeError } from './shape.ts'

export type Line = Omit<OutputEvent, 'log'> & Partial<Pick<OutputEvent, 'log'>>

/** For lines of our own making, which one JSON Schema holds for. */
export const parseLine = (line: string): Line => JSON.parse(line) as Line

type Members = Readonly<Record<string, unknown>>

/** The line of an event, whatever the order and spacing of its members were. Throws a ShapeError where it is none. */
export function lineOf(event: unknown): string {
  const checked = outputEvent().safeParse(event)
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!
    throw new ShapeError(
      `is no event of audit-event/1: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`,
    )
  }
  // Not what was parsed: that has lost keys such as __proto__.
  const { raw_data: rawData, log, ...members } = event as Members
  const canonical = canonicalize(members)
  const size = checked.data.log?.size
  if (size !== undefined && size !== Buffer.byteLength(canonical)) {
    throw new ShapeError(
      `was altered: log.size says ${size} bytes, its canonical form has ${Buffer.byteLength(canonical)}`,
    )
  }
  return `${canonical.slice(0, -1)}${rawMember(rawData)}${logMember(log)}}`
}

/** A line of our own making without its `raw_data`: `event` is the line, parsed. */
export function withoutRaw(line: string, { raw_data: rawData, log }: Line): string {
  if (rawData === undefined) return line
  const end = `${logMember(log)}}`
  return line.slice(0, -(rawMember(rawData).length + end.length)) + end
}

/** The event that a line without `raw_data` stands for, with it. Throws a ShapeError for a text that is no JSON. */
export function carriedEvent(line: string, rawData: unknown): Members {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch {
    throw new ShapeError('carries an event that is no JSON: it was cut off or altered')
  }
  if (typeof event !== 'object' || event === null) throw new ShapeError('carries no event')
  return rawData === undefined ? { ...event } : { ...event, raw_data: rawData }
}

const rawMember = (rawData: unknown): string =>
  rawData === undefined ? '' : `,"raw_data":${JSON.stringify(rawData)}`

const logMember = (log: unknown): string => {
  if (log === undefined) return ''
  const { origin, seq, size } = log as NonNullable<Line['log']>
  return `,"log":${JSON.stringify({ origin, seq, size })}`
}
