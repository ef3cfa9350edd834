/** Where an event would go under this configuration, and why: for `affiant route explain`. */
import { systemClock } from '../clock.ts'
import { EventAt } from '../delivery/event-at.ts'
import { canonicalize } from '../event/canonical.ts'
import { type ExplainedDecision, explainRoutes } from '../routing/explain.ts'
import { ownReceiver } from '../routing/route.ts'
import { type Overrides, type Sink, Unroutable } from '../sinks/sink.ts'
import { createSink } from './build-sink.ts'
import type { AgentConfig } from './config.ts'
import { createRouteTable } from './routes.ts'
import { compileWithhold } from './withhold.ts'

export interface ExplainedEvent extends ExplainedDecision {
  readonly id: string
  readonly action: string
  readonly receiver: string
  /** Each way into a sink, in the order of the configuration; a sink comes twice where two routes set different things. */
  readonly ways: readonly {
    readonly sink: string
    /** What routes set for it there. */
    readonly set: Overrides | undefined
    /** What it shares a batch with, in the sink's own words; '' = with everything. */
    readonly partition: string
    /** Why it would become a dead letter, unsent. */
    readonly refused: string | undefined
  }[]
}

/** Explains one event after another, as coming from `receiver`. */
export type Explain = (event: Readonly<Record<string, unknown>>, receiver: string) => Promise<ExplainedEvent>

export function createExplainer(config: AgentConfig): Explain {
  const names = Object.keys(config.sinks)
  const table = createRouteTable(config.routes, names, config.agent.data_dir)
  const { hash } = table
  const withhold = compileWithhold(config)
  const sinks = new Map<string, Promise<Sink>>()
  const sinkOf = (name: string) => {
    const known = sinks.get(name) ?? createSink({ name, config: config.sinks[name]!, clock: systemClock })
    sinks.set(name, known)
    return known
  }

  return async (line, receiver) => {
    // What is joined on the way out is no part of the event that routes see.
    const { log: _log, raw_data: _raw, ...event } = line
    const decision = explainRoutes(table.forReceiver(receiver), receiver, event)
    const bits = new Uint32Array(Math.max(1, Math.ceil(table.routes.length / 32)))
    for (const { index, verdict, route } of decision.routes) {
      if (verdict === 'matches' && route.drop === undefined) bits[index >>> 5]! |= 1 << (index & 31)
    }
    const payload = Buffer.from(canonicalize(event))
    const view = new EventAt().at(payload, 0, payload.length)
    const ways: ExplainedEvent['ways'][number][] = []
    for (const sink of names) {
      const { mask, overrides } = await table.selectionFor(sink, hash)
      if (!mask.some((word, at) => (word & bits[at]!) !== 0)) continue
      for (const set of overrides?.variants(bits, 0, view) ?? [undefined]) {
        const partition = withhold?.(view) ?? (await sinkOf(sink)).partition?.(view, set) ?? ''
        ways.push(
          partition instanceof Unroutable
            ? { sink, set, partition: '', refused: partition.reason }
            : { sink, set, partition, refused: undefined },
        )
      }
    }
    const routes = decision.routes.filter(
      // What catches own events that nobody routes is not in the file: it is shown to nobody but those.
      ({ index }) => index < config.routes.length || receiver === ownReceiver,
    )
    return { ...decision, routes, id: textOf(event.id), action: textOf(event.action), receiver, ways }
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : 'unknown')
