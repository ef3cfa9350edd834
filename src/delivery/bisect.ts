/** Finds the events that a destination refuses, by halving, while the rest is delivered on the way. */

/** Events `[from, to)` of a batch. */
export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Why events count as refused. `answer`: the destination says that the data are at fault. `struck`: it said that
 * the configuration is, time after time, while it took other events. `suspected`: it said so once, of a part of
 * what was struck.
 */
type Proof = 'answer' | 'struck' | 'suspected'

export type SpanOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string; readonly proof: Proof }
  /** The loop is stopping. */
  | { readonly kind: 'stopped' }

export interface RefusedEvent {
  readonly index: number
  readonly reason: string
  readonly proof: Proof
  /** How many parts the sink had accepted when it refused this one. */
  readonly acceptedBefore: number
}

export interface BisectResult {
  readonly refused: RefusedEvent[]
  /** Spans that nothing is known of: the search was given up, or the loop stops. */
  readonly open: Span[]
  readonly accepted: number
  readonly gaveUp: boolean
}

export interface BisectOptions {
  /** Sends one span, as often as it takes to know. */
  readonly deliver: (span: Span) => Promise<SpanOutcome>
  readonly acceptedSoFar: () => number
  /** Gives up behind so many refused events. */
  readonly limit: () => number
}

/** Delivers `span`; costs about 2·k·log2(n/k) requests for k bad events of n. */
export async function bisect(span: Span, options: BisectOptions): Promise<BisectResult> {
  const result = { refused: [] as RefusedEvent[], open: [] as Span[], accepted: 0, gaveUp: false }
  // Depth first, lower half first: a destination that keeps order sees it kept.
  const stack: Span[] = [span]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const outcome = await options.deliver(next)
    if (outcome.kind === 'stopped') {
      result.open.push(next, ...stack.reverse())
      break
    }
    if (outcome.kind === 'accepted') {
      result.accepted += next.to - next.from
      continue
    }
    if (next.to - next.from > 1) {
      const middle = (next.from + next.to) >>> 1
      stack.push({ from: middle, to: next.to }, { from: next.from, to: middle })
      continue
    }
    const { reason, proof } = outcome
    result.refused.push({ index: next.from, reason, proof, acceptedBefore: options.acceptedSoFar() })
    if (result.refused.length > options.limit()) {
      result.gaveUp = true
      result.open.push(...stack.reverse())
      break
    }
  }
  return result
}

/** Spans in order, those that touch each other joined. */
export function joined(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => a.from - b.from)
  const result: Span[] = []
  for (const span of sorted) {
    const last = result.at(-1)
    if (last !== undefined && last.to === span.from)
      result[result.length - 1] = { from: last.from, to: span.to }
    else result.push(span)
  }
  return result
}
