/** An event's canonical text. */
import { canonicalize } from '../event/canonical.ts'
import type { EventDraft } from './compile/state.ts'

/**
 * `JSON.stringify` is canonical for a draft, whose members stand in order, unless something free-form in it is
 * `unsafe`. Lone surrogates become U+FFFD, with a warning in the event.
 */
export function writeEvent(event: EventDraft, unsafe: boolean): string {
  if (!unsafe) {
    const text = JSON.stringify(event)
    // How JSON.stringify writes a lone surrogate, or else an escaped backslash before these letters.
    if (!text.includes('\\ud')) return text
  }
  let lone = false
  const text = canonicalize(event, {
    onLoneSurrogate: () => {
      lone = true
    },
  })
  if (!lone) return text
  const { parse = 'ok', warnings = [] } = event.quality ?? {}
  event.quality = { parse, warnings: [...warnings, 'lone surrogate replaced by U+FFFD'] }
  return canonicalize(event)
}
