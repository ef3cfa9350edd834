/**
 * Names of objects. A template is filled in twice: from the event, when it is sorted into a batch, and from the batch,
 * when its range is known. `{agent}`, `{epoch}` and `{range}` belong to the second time and stand alone in braces.
 */
import { createHash } from 'node:crypto'
import type { Fields } from '../../cel/contract.ts'
import { compileTemplate } from '../../cel/template.ts'
import { eventVariables } from '../../routing/event-variables.ts'
import type { DeliveryBatch } from '../sink.ts'

/** Of the whole name, in UTF-8: the limit of S3. */
export const LONGEST_KEY = 1024
/** Of one value in it, and of an agent's id. Bytes. */
const LONGEST_VALUE = 128
const LONGEST_AGENT = 253
/** `.ndjson.zst` */
const LONGEST_EXTENSION = 11
/** Hex digits of a checksum in a name. */
const SUM = 12
/** What an expression without a value becomes. */
const ABSENT = 'unknown'

/** Set from the hour of the event's time; the rest are members of the event. */
const hourVariables = { date: {}, year: {}, month: {}, day: {}, hour: {} } as const satisfies Record<
  string,
  Fields
>

/** In the place of `{agent}`, `{epoch}` and `{range}` while expressions are compiled; no value has them. */
const marks = { '{agent}': '\uE000', '{epoch}': '\uE001', '{range}': '\uE002' } as const

export interface KeyTemplate {
  /** What the template makes of an event: agent, epoch and range are still to come. */
  (hour: string, event: () => Readonly<Record<string, unknown>>): string
  /** Nothing of the event but its hour counts. */
  readonly hourly: boolean
}

/**
 * @param members which members events have, for checking
 * @throws CelError
 */
export function compileKey(
  source: string,
  members: Readonly<Record<string, Fields>> = eventVariables,
): KeyTemplate {
  if (isHourly(source)) return Object.assign(fromHour(source), { hourly: true })
  let marked = source
  for (const [name, mark] of Object.entries(marks)) marked = marked.replaceAll(name, mark)
  const template = compileTemplate(marked, { ...members, ...hourVariables }, { absent: ABSENT, encode: safe })
  const render: (...from: Parameters<KeyTemplate>) => string = (hour, event) => {
    let key = template({ ...event(), ...partsOf(hour) }) ?? ABSENT
    for (const [name, mark] of Object.entries(marks)) key = key.replaceAll(mark, name)
    return key
  }
  return Object.assign(render, { hourly: false })
}

/** No expression in it but the names of hour and batch: most are so, and need no compiler. */
function isHourly(source: string): boolean {
  return !/[{}]/.test(source.replaceAll(/\{(?:agent|epoch|range|date|year|month|day|hour)\}/g, ''))
}

function fromHour(source: string): (hour: string) => string {
  return (hour) => {
    const parts: Readonly<Record<string, string>> = partsOf(hour)
    return source.replaceAll(/\{(date|year|month|day|hour)\}/g, (_, name: string) => parts[name] ?? ABSENT)
  }
}

/** `hour`: `2026-05-01T10`, or anything else where the event's time is none. */
function partsOf(hour: string): Record<keyof typeof hourVariables, string> {
  const found = /^((\d{4})-(\d\d)-(\d\d))T(\d\d)$/.exec(hour)
  const [, date = ABSENT, year = ABSENT, month = ABSENT, day = ABSENT, of = ABSENT] = found ?? []
  return { date, year, month, day, hour: of }
}

/**
 * A value as a part of a name: it opens no folder, hides nothing (`.` and `..` have a meaning to some who list objects as
 * files), and shares no name with another value: what had to be changed is told apart by a sum of what it was.
 */
function safe(value: string, longest = LONGEST_VALUE): string {
  const text = value.replace(/[\p{C}\p{Z}/\\{}]/gu, '_').replace(/^\.\.?$/, '_')
  if (text === value && text !== ABSENT && Buffer.byteLength(text) <= longest) return text
  const sum = createHash('sha256').update(value, 'utf16le').digest('hex').slice(0, SUM)
  return `${beginning(text, longest - SUM - 1)}_${sum}`
}

/** As many characters as fit. */
function beginning(text: string, bytes: number): string {
  const cut = Buffer.from(text).subarray(0, bytes).toString()
  // Half a character is none.
  return text.startsWith(cut) ? cut : cut.replace(/\uFFFD+$/, '')
}

/** How long a name of this template can become beside the values of events, in bytes. */
export function longestOf(pattern: string): number {
  const lengths = { agent: LONGEST_AGENT, epoch: 6, range: 6 + 1 + 16 + 1 + 16 + 1 + SUM }
  let bytes = Buffer.byteLength(pattern) + LONGEST_EXTENSION
  for (const [, name] of pattern.matchAll(/\{(agent|epoch|range)\}/g)) {
    bytes += lengths[name as keyof typeof lengths] - `{${name}}`.length
  }
  return bytes
}

/** The name of a batch's object, without its extension. */
export function keyOf(pattern: string, batch: Pick<DeliveryBatch, 'origin' | 'epoch' | 'seqs'>): string {
  const agent = safe(batch.origin.split('/')[1] ?? '', LONGEST_AGENT)
  return pattern
    .replaceAll('{agent}', agent)
    .replaceAll('{epoch}', pad(batch.epoch, 6))
    .replaceAll('{range}', rangeOf(batch))
}

/**
 * Epoch, first and last seq, so that names sort as events came. Where events between are elsewhere, a sum of the seqs
 * that are here: whatever routes and partitions say tomorrow, the same name means the same events.
 */
export function rangeOf({ epoch, seqs }: Pick<DeliveryBatch, 'epoch' | 'seqs'>): string {
  const first = seqs[0] ?? 0
  const last = seqs.at(-1) ?? 0
  const range = `${pad(epoch, 6)}-${pad(first, 16)}-${pad(last, 16)}`
  if (last - first + 1 === seqs.length) return range
  const bytes = Buffer.from(seqs.buffer, seqs.byteOffset, seqs.byteLength)
  return `${range}-${createHash('sha256').update(bytes).digest('hex').slice(0, SUM)}`
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0')
