/**
 * The composition root: a configuration becomes a running pipeline. Started against the flow of data (telemetry,
 * journal, sinks, receivers), stopped with it, so that nothing is taken in that has nowhere to go.
 */
import { abortable, type Clock, systemClock } from '../clock.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Delivery } from '../delivery/loop.ts'
import type { Journal, JournalRecovery } from '../journal/contract.ts'
import { openJournal } from '../journal/open.ts'
import { createNormaliserPool } from '../normalise/pool.ts'
import { StreamClaims } from '../receivers/file/claims.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createTelemetryServer } from '../telemetry/server.ts'
import { version } from '../version.ts'
import { removeAgentFile, writeAgentFile } from './agent-file.ts'
import { buildReceiver } from './build-receiver.ts'
import { buildSink } from './build-sink.ts'
import type { AgentConfig } from './config.ts'
import { createIntake } from './intake.ts'
import { createIntakeMeter, type IntakeTotals } from './intake-meter.ts'
import { journalMetrics } from './journal-metrics.ts'
import { normaliserSpec } from './normaliser-specs.ts'
import { createOwnEvents } from './own-events.ts'
import { type Phase, readiness } from './readiness.ts'
import { createRouteTable } from './routes.ts'

export interface AgentOptions {
  readonly loaded: LoadedConfig<AgentConfig>
  readonly log: Log
  readonly clock?: Clock
  /** Read what is there and nothing else: receivers that listen are not started. */
  readonly once?: boolean
  /** Wait for another agent to leave the data directory, instead of failing. */
  readonly waitLock?: boolean
  /** Ends that wait: the start then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** While true, sinks that print for people print nothing. */
  readonly quiet?: () => boolean
}

export interface Agent {
  readonly config: AgentConfig
  readonly recovery: JournalRecovery
  readonly receivers: readonly Receiver[]
  readonly sinks: readonly Sink[]
  /** Where health and metrics are served, `host:port`. */
  readonly telemetryAddress: string
  readonly journal: Journal
  /** What has been taken in since the start, all receivers together. */
  totals(): IntakeTotals
  /** Resolves when all that was in the files at the start is read and committed. */
  readonly filesRead: Promise<void>
  /** Resolves when all of that is settled by every sink too; rejects with the signal's reason. */
  caughtUp(signal: AbortSignal): Promise<void>
  /** Drains within `agent.drain`, then frees everything. Idempotent. */
  stop(): Promise<void>
}

/** Rejects with a clear error when it can't start; then everything that was opened is closed again. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { loaded, log, clock = systemClock } = options
  const { config } = loaded
  const dataDir = config.agent.data_dir
  const metrics = createMetrics()
  metrics.buildInfo.set({ version, node: process.versions.node }, 1)

  let phase: Phase = 'starting'
  const deliveries: Delivery[] = []
  const sinks: Sink[] = []
  const receivers: Receiver[] = []

  const sinkNames = Object.keys(config.sinks)
  const routes = createRouteTable(config.routes, sinkNames, dataDir)

  await using opened = new AsyncDisposableStack()

  const journal = await openJournal({
    dataDir,
    agentId: config.agent.id,
    config: config.journal,
    routes: routes.rendered,
    clock,
    log,
    metrics,
    waitLock: options.waitLock ?? false,
    ...(options.signal && { signal: options.signal }),
  })
  opened.defer(() => journal[Symbol.asyncDispose]())
  writeAgentFile(dataDir, { pid: process.pid, started: new Date(clock.now()).toISOString(), version })
  opened.defer(() => removeAgentFile(dataDir))

  const telemetry = createTelemetryServer({
    listen: config.telemetry.listen,
    metrics,
    beforeScrape: () => {
      journalMetrics(journal, metrics)
      for (const delivery of deliveries) delivery.status()
    },
    readiness: () => readiness(phase, journal, deliveries),
    log,
  })
  await telemetry.start()
  opened.defer(() => telemetry.stop())

  for (const name of sinkNames) {
    const built = await buildSink({
      name,
      config: config.sinks[name]!,
      dataDir,
      journal,
      routes,
      clock,
      log,
      metrics,
      quiet: options.quiet,
    })
    await built.delivery.start()
    sinks.push(built.sink)
    deliveries.push(built.delivery)
    opened.defer(() => built.delivery.stop(0))
  }

  const agent = { id: config.agent.id, version }
  const ownEvents = createOwnEvents({
    agent,
    configHash: loaded.hash,
    routes: routes.ownEvents,
    clock,
    metrics,
  })
  const names = Object.entries(config.receivers).flatMap(([name, { type }]) =>
    options.once && type === 'otlp' ? [] : [name],
  )
  const pool = await createNormaliserPool(
    names.map((name) => normaliserSpec(config, name, routes.routes)),
    config.agent.workers,
  )
  opened.defer(() => pool.close())

  const routeNames = routes.routes.map(({ name }) => name)
  const claims = new StreamClaims()
  const meters = names.map((name) => createIntakeMeter(name, metrics, routeNames))
  for (const [at, name] of names.entries()) {
    const intake = createIntake({ journal, normaliser: pool.normaliser(name), ownEvents, meter: meters[at]! })
    const receiver = await buildReceiver({
      name,
      config: config.receivers[name]!,
      agentId: config.agent.id,
      intake,
      journal,
      claims,
      clock,
      log,
      metrics,
      workers: config.agent.workers,
    })
    receivers.push(receiver)
    opened.defer(() => receiver.stop())
  }
  for (const receiver of receivers) await receiver.start()
  phase = 'running'
  const running = opened.move()

  const followers = receivers.filter((receiver) => receiver.describe().verb === 'follows')
  const filesRead = Promise.all(followers.map((receiver) => receiver.caughtUp)).then(() => {})

  let stopped: Promise<void> | undefined
  async function stop(): Promise<void> {
    phase = 'draining'
    // Whatever one of them has to say, the rest is drained and closed.
    for (const stopping of await Promise.allSettled(receivers.map((receiver) => receiver.stop()))) {
      if (stopping.status === 'rejected')
        log.error({ err: stopping.reason }, 'a receiver did not stop cleanly')
    }
    const deadline = AbortSignal.timeout(config.agent.drain)
    const target = journal.durableSeq
    const drained = await Promise.allSettled(
      deliveries.map((delivery) => delivery.settledThrough(target, deadline)),
    )
    if (drained.some(({ status }) => status === 'rejected')) {
      log.warn(
        'not everything was delivered before the deadline; it stays in the journal and goes out after the next start',
      )
    }
    await Promise.all(deliveries.map((delivery) => delivery.stop(drainRest)))
    await running.disposeAsync()
  }

  return {
    config,
    recovery: journal.recovery,
    receivers,
    sinks,
    telemetryAddress: telemetry.address,
    journal,
    totals: () => sumTotals(meters.map(({ totals }) => totals)),
    filesRead,
    caughtUp: async (signal) => {
      await abortable(filesRead, signal)
      const target = journal.durableSeq
      await Promise.all(deliveries.map((delivery) => delivery.settledThrough(target, signal)))
    },
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Milliseconds for what was already being sent when the drain ended. */
const drainRest = 1_000

function sumTotals(all: readonly Readonly<IntakeTotals>[]): IntakeTotals {
  const sum: IntakeTotals = { records: 0, skipped: 0, dropped: 0, events: 0, unparsed: 0, incomplete: 0 }
  for (const totals of all) {
    sum.records += totals.records
    sum.skipped += totals.skipped
    sum.dropped += totals.dropped
    sum.events += totals.events
    sum.unparsed += totals.unparsed
    sum.incomplete += totals.incomplete
  }
  return sum
}
