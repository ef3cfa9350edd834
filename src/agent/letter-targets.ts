/**
 * Where a dead letter's event goes when it is sent once more. Something was put right since: at the destination, and then
 * the partition it had is still what the routes of this configuration give; or in the configuration, and then what they
 * give now is what was meant.
 */
import { EventAt } from '../delivery/event-at.ts'
import type { LetterTargets } from '../delivery/letter-batches.ts'
import type { KeptLetter } from '../delivery/letters-on-disk.ts'
import type { Sink } from '../sinks/sink.ts'
import type { RouteTable } from './routes.ts'

const everywhere: readonly string[] = ['']
const CLOSING_BRACE = Buffer.from('}')

export function letterTargets(sink: Sink, routes: Pick<RouteTable, 'overridesNow'>): LetterTargets {
  const { name, partition } = sink
  if (partition === undefined) return () => everywhere
  const view = new EventAt()
  return (letter) => {
    const canonical = canonicalOf(letter)
    view.at(canonical, 0, canonical.length)
    const now = routes.overridesNow(name, view).map((overrides) => partition(view, overrides))
    // One that was never sent had none: its own was not allowed.
    return letter.attempts > 0 && now.includes(letter.partition) ? [letter.partition] : [...new Set(now)]
  }
}

/** The event as conditions and templates see it: without `raw_data` and `log`. */
function canonicalOf({ event, size }: KeptLetter): Buffer {
  if (size < 2) return event.subarray(0, -1)
  return Buffer.concat([event.subarray(0, size - 1), CLOSING_BRACE])
}
