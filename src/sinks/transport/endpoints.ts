/**
 * Several URLs of one destination: the load is shared by weight, those in trouble are passed over. With one URL there
 * is nothing to choose, and its circuit still spares a dead destination the requests of a whole backlog.
 */
import { abortable } from '../../clock.ts'
import { asError } from '../../errors.ts'
import type { EndpointStatus, Outcome } from '../sink.ts'
import { Circuit } from './circuit.ts'
import type { Endpoint } from './config.ts'

/**
 * How long a circuit stays open at most. While others do the work there is time; without any, delivery's own waiting
 * between attempts is what the operator has set, and a circuit only spares the destination a crowd. Milliseconds.
 */
const AMONG_OTHERS = 30_000
const ALONE = 1_000

export interface ChosenEndpoint {
  readonly index: number
  readonly url: string
  readonly circuit: Circuit
}

interface Candidate extends ChosenEndpoint {
  readonly weight: number
  /** Smooth weighted round robin: grows by its weight, falls by the sum when it is chosen. */
  credit: number
  /** It has taken events since it last stood alone with a verdict. */
  trusted: boolean
}

export class Endpoints {
  readonly #candidates: readonly Candidate[]

  /** `now`: monotonic milliseconds. */
  constructor(endpoints: readonly Endpoint[], now: () => number) {
    this.#candidates = endpoints.map(({ url, weight }, index) => ({
      index,
      url,
      weight,
      circuit: new Circuit(now, endpoints.length === 1 ? ALONE : AMONG_OTHERS),
      credit: 0,
      trusted: false,
    }))
  }

  /** The next one to ask; undefined while none is worth asking. */
  choose(except?: ChosenEndpoint): Candidate | undefined {
    const admitted = this.#candidates.filter((one) => one !== except && one.circuit.admits)
    const sum = admitted.reduce((total, { weight }) => total + weight, 0)
    let best: Candidate | undefined
    for (const candidate of admitted) {
      candidate.credit += candidate.weight
      if (best === undefined || candidate.credit > best.credit) best = candidate
    }
    if (best === undefined) return undefined
    best.credit -= sum
    return best
  }

  /** What a batch is told while no endpoint admits a request. */
  unavailable(): Outcome {
    const wait = Math.min(...this.#candidates.map(({ circuit }) => circuit.wait))
    const reason = this.#candidates.find(({ circuit }) => circuit.lastError)?.circuit.lastError
    return {
      kind: 'later',
      reason: `${reason ?? 'no endpoint answers'} (not asked again for now)`,
      retryAfter: Math.max(1, wait),
    }
  }

  /**
   * Asks one endpoint, and notes what its answer says of it: an outcome `later` counts as a fault of the endpoint. A verdict
   * on the events or the configuration is held against another endpoint: one that stands alone with it is at fault
   * itself, and good events must not become dead letters for one node in a wrong state.
   */
  async ask(signal: AbortSignal, send: (endpoint: ChosenEndpoint) => Promise<Outcome>): Promise<Outcome> {
    const first = this.choose()
    if (first === undefined) return this.unavailable()
    const outcome = await this.#askOne(first, signal, send)
    if (!isVerdict(outcome)) return outcome
    const second = this.choose(first)
    const opinion = second && (await this.#askOne(second, signal, send))
    if (opinion?.kind === 'accepted') {
      first.trusted = false
      first.circuit.fail(outcome.reason)
      return opinion
    }
    first.circuit.succeed()
    if (second !== undefined && opinion !== undefined && opinion.kind !== 'later') {
      second.circuit.succeed()
      return second.trusted && !first.trusted ? opinion : outcome
    }
    if (this.#candidates.length === 1 || first.trusted) return outcome
    return { kind: 'later', reason: `${outcome.reason} (no other endpoint to compare with)` }
  }

  /** What a verdict says of the endpoint is left to `ask`. */
  async #askOne(
    candidate: Candidate,
    signal: AbortSignal,
    send: (endpoint: ChosenEndpoint) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { circuit } = candidate
    circuit.begin()
    try {
      // Not everything on the way has a signal: a program that prints a secret, a server that gives tokens.
      const outcome = await abortable(send(candidate), signal)
      if (isVerdict(outcome)) return outcome
      if (outcome.kind === 'accepted') candidate.trusted = true
      if (signal.aborted && outcome.kind === 'later') circuit.abandon()
      else if (outcome.kind === 'later') circuit.fail(outcome.reason)
      else circuit.succeed()
      return outcome
    } catch (thrown) {
      circuit.abandon()
      if (!signal.aborted) throw thrown
      return { kind: 'later', reason: asError(thrown).message }
    }
  }

  status(): EndpointStatus[] {
    return this.#candidates.map(({ url, circuit }) => {
      const { origin, pathname } = new URL(url)
      const { state, lastError } = circuit
      return { url: origin + pathname, circuit: state, lastError: state === 'closed' ? undefined : lastError }
    })
  }
}

/** Nothing was taken, for the events' sake or the configuration's. Where some were taken, nobody else may have them. */
function isVerdict(outcome: Outcome): outcome is Extract<Outcome, { kind: 'held' | 'refused' }> {
  if (outcome.kind === 'refused' && outcome.which === 'some') return false
  return (outcome.kind === 'held' || outcome.kind === 'refused') && (outcome.taken ?? 0) === 0
}
