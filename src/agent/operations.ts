/** Does what commands ask for: one thing at a time for each sink, watched, and ended when its asker goes or the agent stops. */
import { setTimeout as wait } from 'node:timers/promises'
import { sinksWithLetters } from '../delivery/letters-on-disk.ts'
import { AffiantError } from '../errors.ts'
import { openLetters } from './build-sink.ts'
import { purge } from './dlq-purge.ts'
import { replayLetters } from './dlq-replay.ts'
import type {
  EndMessage,
  OpenSink,
  OperationContext,
  OperationHost,
  OperationMessage,
  OperationRequest,
  ProgressMessage,
} from './operation.ts'
import { replayRange } from './replay-range.ts'

/** How often it is told how far it is. Milliseconds. */
const every = 250

interface Running {
  readonly id: string
  readonly ended: Promise<unknown>
  readonly end: AbortController
}

export class Operations implements AsyncDisposable {
  readonly #host: OperationHost
  /** By sink. */
  readonly #running = new Map<string, Running>()
  #closed = false

  constructor(host: OperationHost) {
    this.#host = host
  }

  /**
   * `tell` hears of it as it goes; the last message is returned. `signal` ends it.
   * @throws AffiantError sink_busy, sink_not_found, usage, seq_not_found, range_gone, journal_unavailable
   */
  async run(
    request: OperationRequest,
    tell: (message: OperationMessage) => void,
    signal: AbortSignal,
  ): Promise<EndMessage> {
    const { sink } = request
    if (this.#closed) throw new AffiantError('agent_not_running', 'the agent stops')
    if (this.#running.has(sink)) {
      throw new AffiantError('sink_busy', `something is replayed or purged for sink ${sink} right now`, {
        hint: 'wait for it, or end that command',
      })
    }
    const { id } = request
    const end = new AbortController()
    const either = AbortSignal.any([signal, end.signal])
    const ended = this.#run(request, id, tell, either)
    this.#running.set(sink, { id, ended, end })
    try {
      return await ended
    } finally {
      this.#running.delete(sink)
    }
  }

  /** Ends the operation with this id; whether there is one. */
  cancel(id: string): boolean {
    const found = [...this.#running.values()].find((running) => running.id === id)
    found?.end.abort()
    return found !== undefined
  }

  /** Ends what is under way for a sink, and begins nothing: resolves once it is over. */
  async release(sink: string): Promise<void> {
    const running = this.#running.get(sink)
    running?.end.abort()
    await Promise.allSettled([running?.ended])
  }

  /** Ends what is under way: it puts on record how far it came. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const running = [...this.#running.values()]
    for (const { end } of running) end.abort()
    await Promise.allSettled(running.map(({ ended }) => ended))
  }

  async #run(
    request: OperationRequest,
    id: string,
    tell: (message: OperationMessage) => void,
    signal: AbortSignal,
  ): Promise<EndMessage> {
    const { sink, operation } = request
    const { eventsReplayed } = this.#host.metrics
    let progress: (() => Omit<ProgressMessage, 'kind'>) | undefined
    let counted = 0
    const count = (accepted: number) => {
      const source = operation === 'replay' ? 'journal' : 'dead_letters'
      if (accepted > counted) eventsReplayed.inc({ sink, source }, accepted - counted)
      counted = accepted
    }
    const over = new AbortController()
    const watching = this.#watch(() => {
      const now = progress?.()
      if (now === undefined) return
      count(now.accepted)
      tell({ kind: 'progress', ...now })
    }, over.signal)
    try {
      return await this.#perform(request, {
        host: this.#host,
        id,
        begun: (message) => tell({ kind: 'begun', id, ...message }),
        watch: (now) => {
          progress = now
        },
        signal,
      })
    } finally {
      count(progress?.().accepted ?? 0)
      over.abort()
      await watching
    }
  }

  async #watch(look: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await wait(every, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) look()
    }
  }

  async #perform(request: OperationRequest, context: OperationContext): Promise<EndMessage> {
    switch (request.operation) {
      case 'replay':
        return await replayRange(request, this.#sink(request.sink), context)
      case 'dlq_replay':
        return await replayLetters(request, this.#sink(request.sink), context)
      case 'dlq_purge':
        return await this.#purge(request, context)
    }
  }

  #sink(name: string): OpenSink {
    const { sinks, configured } = this.#host
    const found = sinks.get(name)
    if (found !== undefined) return found
    const hint = `there are: ${configured.join(', ')}`
    throw new AffiantError('sink_not_found', `no sink ${name} is configured`, { hint })
  }

  /** Also of a sink that is not configured any more: it may have left letters. */
  async #purge(
    request: Extract<OperationRequest, { operation: 'dlq_purge' }>,
    context: OperationContext,
  ): Promise<EndMessage> {
    const { dataDir, sinks, clock } = this.#host
    const known = sinks.get(request.sink)
    if (known !== undefined) return await purge(request, known.deadLetters, context)
    if (!(await sinksWithLetters(dataDir)).includes(request.sink)) {
      throw new AffiantError('sink_not_found', `sink ${request.sink} has no dead letters in ${dataDir}`)
    }
    await using deadLetters = await openLetters(dataDir, request.sink, clock)
    return await purge(request, deadLetters, context)
  }
}
