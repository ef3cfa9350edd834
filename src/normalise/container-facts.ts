/**
 * What a container runtime said of a line goes into its event: where it was written to, and when. The runtime's time
 * is when the line was written, not when it happened, so it is the event's only where the record has none itself.
 */
import type { ContainerLine } from '../event/record.ts'
import { normaliseRfc3339 } from '../event/time.ts'
import type { EventDraft } from './compile/state.ts'
import { sortedMembers } from './sorted-members.ts'

/** Returns a warning where a fact had to be left out. */
export function addContainerFacts(event: EventDraft, { output, time }: ContainerLine): string | undefined {
  const written = normaliseRfc3339(time)
  if (written !== undefined && event.time_source === 'observed') {
    event.time = written
    event.time_source = 'inferred'
  }
  if (event.metadata?.container !== undefined) {
    return "metadata.container is the record's own: what the container runtime said is left out"
  }
  event.metadata = sortedMembers({ ...event.metadata, container: { output, time } })
  return undefined
}
