/** What a preset makes of a text whose records may have several lines: framed as a receiver frames it. */
import { expect } from 'vitest'
import { normaliseText } from '../../../src/agent/normalise-text.ts'
import { attributionConfig } from '../../../src/attribution/config.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { joiningOf } from '../../../src/normalise/joining.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { fileReceiverConfig } from '../../../src/receivers/file/config.ts'
import { framingRules } from '../../../src/receivers/file/framing/rules.ts'
import { type Event, invalid, observed, spec } from '../normalising.ts'

const { require } = attributionConfig.parse({})
const receiver = fileReceiverConfig.parse({ type: 'file', include: ['x'] })

/** Every event of a text, each of them valid. */
export async function joinedEvents(
  mapping: NormaliserSpec['mapping'],
  text: string,
  more: Partial<NormaliserSpec> = {},
): Promise<readonly Event[]> {
  const normaliser = compileNormaliser(spec(mapping, { require, zone: 'UTC', ...more }))
  const events = await normaliseText(text, normaliser, framingRules(receiver, joiningOf(mapping)), observed)
  for (const event of events) expect(invalid(event)).toBeUndefined()
  return events
}

/** The share of events that lack no answer, and what the others are and lack, by how often. */
export function completenessOf(events: readonly Event[]): { share: number; lacking: Record<string, number> } {
  const lacking: Record<string, number> = {}
  let complete = 0
  for (const { action, attribution } of events) {
    const { missing = [] } = attribution as { missing?: string[] }
    if (missing.length === 0) complete++
    else {
      const key = `${String(action)}: ${missing.join(', ')}`
      lacking[key] = (lacking[key] ?? 0) + 1
    }
  }
  return { share: complete / events.length, lacking }
}
