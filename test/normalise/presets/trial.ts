/** What a preset makes of records: our own, and real ones where those are. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { attributionConfig } from '../../../src/attribution/config.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { type Event, eventsOf, invalid, lines, spec } from '../normalising.ts'

const folder = join(import.meta.dirname, '../../../../shared/samples')
export const samplesArePresent = existsSync(folder)

const { require } = attributionConfig.parse({})

export function sampleText(path: string): string {
  return readFileSync(join(folder, path), 'utf8').trimEnd()
}

/** Of one record its event; the preset is compiled once. */
export function eventOf(preset: string): (record: unknown) => Event {
  const normaliser = compileNormaliser(spec({ preset }))
  return (record) => eventsOf(lines(normaliser, `${JSON.stringify(record)}\n`))[0]!
}

export interface Sampled {
  readonly record: Readonly<Record<string, unknown>>
  readonly event: Event
}

/** Each line's event, with the record it was made of. All are valid and parsed, as many as there are lines. */
export function sampleEvents(preset: string, path: string): Sampled[] {
  const text = sampleText(path)
  const records = text.split('\n').map((line): Sampled['record'] => JSON.parse(line))
  const events = eventsIn(preset, `${text}\n`)
  expect(events.length).toBe(records.length)
  return events.map((event, i) => ({ event, record: records[i]! }))
}

/** Every event that a text becomes; each of them valid and parsed. */
export function eventsIn(preset: string, text: string): Event[] {
  const batch = lines(compileNormaliser(spec({ preset }, { require })), text)
  const events = eventsOf(batch)
  for (const event of events) {
    expect(invalid(event)).toBeUndefined()
    expect(event).toMatchObject({ quality: { parse: 'ok' } })
  }
  return events
}

/** A record, and whether it says what its event lacks. */
export type Says = (record: Sampled['record']) => unknown

/**
 * Holds that whatever an event lacks, its record does not say; returns the share of complete ones.
 * @param says by missing member
 */
export function completeness(sampled: readonly Sampled[], says: Readonly<Record<string, Says>>): number {
  let complete = 0
  for (const { record, event } of sampled) {
    const { missing = [] } = event.attribution as { missing?: string[] }
    if (missing.length === 0) complete++
    const overlooked = missing.filter(
      (member) => ![undefined, null, ''].includes(says[member]?.(record) as string),
    )
    expect(overlooked, JSON.stringify(record)).toEqual([])
  }
  return complete / sampled.length
}
