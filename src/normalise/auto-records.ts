/**
 * Which preset reads each of the records that a client delivers. A text is like a line. A record that arrives decoded, as
 * OpenTelemetry log records do, may carry another product's record: as its body (an object, or its text), or taken apart
 * into attributes; the message of a text of syslog may be one as well. It is given to the preset that this is of; what is of none is a log record like any other.
 */
import {
  type DecodedRecord,
  decodedRecord,
  type LineRecord,
  type ReceivedRecord,
  type RecordChunk,
  type TextRecord,
} from '../event/record.ts'
import { formatUnix, normaliseRfc3339 } from '../event/time.ts'
import { readMapping } from './compile-spec.ts'
import type { Decoded, Decoder } from './decode/decoder.ts'
import { createDecoder } from './decode/decoders.ts'
import { openSyslog } from './decode/syslog/decode.ts'
import { detectPreset } from './detect/detect-preset.ts'

/** Records that follow each other and are of one preset. */
export interface Run {
  readonly preset: string
  readonly chunk: RecordChunk
}

/** Where another record may be, in the order in which it is looked for. */
const places = ['body', 'attributes'] as const

const decoders = new Map<string, Decoder>()

export function runsOf(chunk: RecordChunk): Run[] {
  const runs: { preset: string; records: ReceivedRecord[]; index: number }[] = []
  for (const [i, given] of chunk.records.entries()) {
    const { preset, record } = 'text' in given ? ofText(given) : ofRecord(given, chunk)
    const last = runs.at(-1)
    if (last?.preset === preset) last.records.push(record)
    else runs.push({ preset, records: [record], index: chunk.index + i })
  }
  return runs.map(({ preset, records, index }) => ({ preset, chunk: { ...chunk, records, index } }))
}

/** A message of syslog may be another product's record: what stood before it is then what stood around that. */
function ofText(record: TextRecord): { readonly preset: string; readonly record: TextRecord } {
  const opened =
    record.oversize === undefined && record.unread === undefined && startsWithPriority.test(record.text)
      ? openSyslog(record.text)
      : undefined
  if (opened === undefined) return { preset: detectPreset([record.text]).preset, record }
  const { header, message, warnings, partial } = opened
  const { preset, recognised } = detectPreset([message])
  // What could not be read of the header stands in the message.
  if (!recognised || partial) return { preset: 'syslog', record }
  const within = { whole: record.text, beside: header }
  // One without an offset is read by a mapping's rules, and here none has any for it.
  const { timestamp } = header
  const time = typeof timestamp === 'string' ? normaliseRfc3339(timestamp) : undefined
  return {
    preset,
    record: {
      ...record,
      ...(time !== undefined && { time }),
      text: message,
      within,
      warnings: [...(record.warnings ?? []), ...warnings],
    },
  }
}

const startsWithPriority = /^<\d{1,3}>/

function ofRecord(record: DecodedRecord | LineRecord, { values }: RecordChunk) {
  const decoded = 'layout' in record ? decodedRecord(record, values!) : record
  return carried(decoded) ?? { preset: 'otlp', record }
}

function carried(
  given: DecodedRecord,
): { readonly preset: string; readonly record: DecodedRecord } | undefined {
  for (const place of places) {
    const held = given.value[place]
    if (typeof held !== 'string' && !isObject(held)) continue
    const { preset, recognised } = detectPreset([held])
    if (!recognised) continue
    const decoded =
      typeof held === 'string' ? decode(preset, held) : { ok: true as const, value: held, warnings: [] }
    if (!decoded.ok || !isObject(decoded.value)) continue
    const { [place]: _, ...beside } = given.value
    const warnings = [...(given.warnings ?? []), ...decoded.warnings]
    const time = timeOf(given.value.timestamp)
    return {
      preset,
      record: {
        ...given,
        ...(time !== undefined && { time }),
        value: decoded.value,
        warnings,
        within: { whole: given.value, beside },
      },
    }
  }
  return undefined
}

function decode(preset: string, text: string): Decoded {
  let decoder = decoders.get(preset)
  if (decoder === undefined) {
    decoder = createDecoder(readMapping({ preset }).decode)
    decoders.set(preset, decoder)
  }
  return decoder.decode(text)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of a log record's timestamp: unix nanoseconds, decimal. */
function timeOf(timestamp: unknown): string | undefined {
  if (typeof timestamp !== 'string' || !/^\d{10,20}$/.test(timestamp)) return undefined
  return formatUnix(Number(timestamp.slice(0, -9)), Number(timestamp.slice(-9)))
}
