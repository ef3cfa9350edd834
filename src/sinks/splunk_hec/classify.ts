/** What Splunk's answer means for a batch: one pure table. */
import type { Outcome } from '../sink.ts'
import type { Answer } from '../transport/answer.ts'
import type { Shared } from './metadata.ts'

interface Meaning {
  readonly kind: Outcome['kind']
  /** What is wrong, where it may be one batch's own: then others need not wait for it. */
  readonly concerns?: 'token' | 'index'
  readonly overloaded?: true
}

/**
 * By `code` in the answer: Splunk, "Getting Data In", "Troubleshoot HTTP Event Collector", section "Possible error codes".
 * 17 is said of health only.
 */
const meanings: Readonly<Record<number, Meaning>> = {
  0: { kind: 'accepted' },
  // Token disabled, token is required, invalid authorization, invalid token.
  1: { kind: 'held', concerns: 'token' },
  2: { kind: 'held' },
  3: { kind: 'held' },
  4: { kind: 'held', concerns: 'token' },
  // No data, invalid data format.
  5: { kind: 'refused' },
  6: { kind: 'refused' },
  // Incorrect index.
  7: { kind: 'held', concerns: 'index' },
  // Internal server error, server is busy.
  8: { kind: 'later' },
  9: { kind: 'later', overloaded: true },
  // Data channel is missing, invalid data channel.
  10: { kind: 'held' },
  11: { kind: 'held' },
  // Event field is required, cannot be blank.
  12: { kind: 'refused' },
  13: { kind: 'refused' },
  // ACK is disabled.
  14: { kind: 'held' },
  // Error in handling indexed fields.
  15: { kind: 'refused' },
  // Query string authorization is not enabled.
  16: { kind: 'held' },
  // Unhealthy: queues are full, the acknowledgement service is unavailable, both.
  18: { kind: 'later', overloaded: true },
  19: { kind: 'later' },
  20: { kind: 'later', overloaded: true },
  // Asked for its health with a token: invalid, disabled.
  21: { kind: 'held', concerns: 'token' },
  22: { kind: 'held', concerns: 'token' },
  // Server is shutting down.
  23: { kind: 'later' },
  // Queue, acknowledgement near their capacity: a warning with status 200, the events are taken.
  24: { kind: 'accepted' },
  25: { kind: 'accepted' },
  // Queue, acknowledgement channel at capacity.
  26: { kind: 'later', overloaded: true },
  27: { kind: 'later', overloaded: true },
}

/** Where the answer has no code that is known: a proxy or balancer spoke. */
function byStatus(status: number): Meaning {
  if (status === 400 || status === 413) return { kind: 'refused' }
  if (status === 429 || status === 503) return { kind: 'later', overloaded: true }
  if (status === 408 || (status >= 500 && status !== 501)) return { kind: 'later' }
  // A 2xx that does not say "Success" is no proof of anything.
  return { kind: status >= 200 && status < 300 ? 'later' : 'held' }
}

/** What of the answer's body counts; all of it may be missing. */
export interface Reply {
  readonly code?: number
  readonly text?: string
  readonly ackId?: number
  /** `invalid-event-number`, from 0. */
  readonly invalid?: number
}

export function readReply(text: string): Reply {
  const parsed = parseObject(text)
  if (parsed === undefined) return {}
  const count = (value: unknown): number | undefined =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
  const code = count(parsed.code)
  const ackId = count(parsed.ackId)
  const invalid = count(parsed['invalid-event-number'])
  return {
    ...(code !== undefined && { code }),
    ...(typeof parsed.text === 'string' && { text: parsed.text }),
    ...(ackId !== undefined && { ackId }),
    ...(invalid !== undefined && { invalid }),
  }
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

/**
 * `said`: the answer's body, fit to be quoted. `count`: events that were sent. `shared`: what their batch has of its own;
 * the rest is the whole sink's.
 */
export function classifyReply(
  { status }: Pick<Answer, 'status'>,
  reply: Reply,
  said: string,
  count: number,
  shared: Shared,
): Outcome {
  // A code counts with the kind of status that it comes with: "Success" with a 500 is none.
  const known = reply.code === undefined ? undefined : meanings[reply.code]
  const success = status >= 200 && status < 300
  const meaning = known !== undefined && (known.kind === 'accepted') === success ? known : byStatus(status)
  if (meaning.kind === 'accepted') return { kind: 'accepted' }
  const code = reply.code === undefined ? '' : `, code ${reply.code}`
  const reason = `HTTP ${status}${code}${said === '' ? '' : `: ${said}`}`
  switch (meaning.kind) {
    case 'later':
      return { kind: 'later', reason, ...(meaning.overloaded && { overloaded: true }) }
    case 'held': {
      const { concerns } = meaning
      const own = concerns !== undefined && shared[concerns] !== undefined
      const { invalid = 0 } = reply
      const taken = concerns === 'index' && invalid < count ? invalid : 0
      return { kind: 'held', reason, ...(own && { partition: true }), ...(taken > 0 && { taken }) }
    }
    case 'refused': {
      const { invalid } = reply
      // Splunk has taken what stands before the event that it names.
      if (invalid === undefined || invalid >= count)
        return { kind: 'refused', reason, ...(status === 413 && { tooLarge: true }) }
      return {
        kind: 'refused',
        reason: `${reason} (event ${invalid} of ${count})`,
        which: 'single',
        taken: invalid,
      }
    }
  }
}
