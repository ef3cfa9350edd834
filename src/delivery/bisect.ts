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

/** How much of a refused span is at fault: to be searched, one event alone, or all of it without a search. */
type Which = 'search' | 'single' | 'all'

export type SpanOutcome =
  | { readonly kind: 'accepted' }
  /** `from`: what lies before was accepted. `at`: with `single`, which event; `from` by default. */
  | {
      readonly kind: 'refused'
      readonly from: number
      readonly at?: number
      readonly reason: string
      readonly proof: Proof
      readonly which: Which
    }
  /** The loop is stopping. `from`: what lies before was accepted. */
  | { readonly kind: 'stopped'; readonly from: number }

export interface RefusedEvent {
  readonly index: number
  readonly reason: string
  readonly proof: Proof
  /** When the destination's word about it came, `clock.monotonic`. */
  readonly refusedAt: number
  /** Nobody searched for it: all that was sent with it is refused. */
  readonly whole: boolean
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
  /** `clock.monotonic`. */
  readonly now: () => number
  /** Gives up behind so many refused events. */
  readonly limit: () => number
}

/** Delivers `span`; costs about 2·k·log2(n/k) requests for k bad events of n. */
export async function bisect(span: Span, options: BisectOptions): Promise<BisectResult> {
  const result = { refused: [] as RefusedEvent[], open: [] as Span[], accepted: 0, gaveUp: false }
  // Depth first, lower half first: a destination that keeps order sees it kept.
  const stack: Span[] = [span]
  let found = 0
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const outcome = await options.deliver(next)
    if (outcome.kind === 'accepted') {
      result.accepted += next.to - next.from
      continue
    }
    const { to } = next
    const { from } = outcome
    result.accepted += from - next.from
    if (outcome.kind === 'stopped') {
      result.open.push({ from, to }, ...stack.reverse())
      break
    }
    if (outcome.which === 'search' && to - from > 1) {
      const middle = (from + to) >>> 1
      stack.push({ from: middle, to }, { from, to: middle })
      continue
    }
    const { reason, proof } = outcome
    const refusedAt = options.now()
    const begin = outcome.which === 'single' ? Math.min(Math.max(outcome.at ?? from, from), to - 1) : from
    const end = outcome.which === 'all' ? to : begin + 1
    for (let index = begin; index < end; index++) {
      result.refused.push({ index, reason, proof, refusedAt, whole: outcome.which === 'all' })
    }
    if (end < to) stack.push({ from: end, to })
    if (from < begin) stack.push({ from, to: begin })
    // All of it, without a search: that is no sign of a search gone wrong.
    if (outcome.which === 'all') continue
    if (++found > options.limit()) {
      result.gaveUp = true
      result.open.push(...stack.reverse())
      break
    }
  }
  return result
}

/** Spans in order, those that touch or overlap each other joined. */
export function joined(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort((a, b) => a.from - b.from)
  const result: Span[] = []
  for (const span of sorted) {
    const last = result.at(-1)
    if (last !== undefined && last.to >= span.from)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else result.push(span)
  }
  return result
}
