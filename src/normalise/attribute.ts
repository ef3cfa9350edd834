/** `attribution` of an event: what others knew of it, and what it lacks. */
import type { compileCompleteness } from '../attribution/completeness.ts'
import type { Enrichment } from '../attribution/enrich/enrichment.ts'
import type { StreamContext } from '../event/record.ts'
import type { EventDraft } from './compile/state.ts'

/** Returns secrets that enrichers found in the event. */
export type Attribute = (event: EventDraft, stream: StreamContext) => readonly string[] | undefined

export function createAttribute(
  enrichment: Enrichment | undefined,
  completeness: ReturnType<typeof compileCompleteness>,
): Attribute {
  return (event, stream) => {
    // What others know is added first: it may be what is missing.
    const added = enrichment?.apply(event, stream)
    if (added?.warnings !== undefined) {
      const { parse = 'ok', warnings = [] } = event.quality ?? {}
      event.quality = { parse, warnings: [...warnings, ...added.warnings] }
    }
    const attribution = completeness(event)
    if (added?.enriched === undefined && added?.conflicts === undefined) {
      event.attribution = attribution
      return added?.secrets
    }
    const { complete, missing } = attribution
    event.attribution = {
      complete,
      ...(added.conflicts === undefined ? {} : { conflicts: added.conflicts }),
      ...(added.enriched === undefined ? {} : { enriched: added.enriched }),
      ...(missing === undefined ? {} : { missing }),
    }
    return added.secrets
  }
}
