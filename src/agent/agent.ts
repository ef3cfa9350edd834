/**
 * The composition root: a configuration becomes a running pipeline. What every configuration shares is opened here (the journal,
 * the books, the log of own events); what is configured is the pipeline's affair. Stopped with the flow of data.
 */
import { randomBytes } from 'node:crypto'
import { abortable, type Clock, systemClock } from '../clock.ts'
import type { Inspection, LoadedConfig } from '../config/load.ts'
import { AffiantError } from '../errors.ts'
import type { Journal, JournalRecovery } from '../journal/contract.ts'
import { openJournal } from '../journal/open.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { version } from '../version.ts'
import { removeAgentFile, writeAgentFile } from './agent-file.ts'
import type { StopReason } from './agent-notes.ts'
import { viewOf } from './agent-view.ts'
import type { AgentConfig } from './config.ts'
import { ConfigInUse } from './config-in-use.ts'
import { ControlServer } from './control-server.ts'
import { closeLog, drain } from './drain.ts'
import { Handover } from './handover.ts'
import { type IntakeTotals, sumTotals } from './intake-meter.ts'
import { journalDamaged } from './journal-notes.ts'
import { writeLastStart } from './last-start.ts'
import { Ledger } from './ledger.ts'
import { Normalisers } from './normalisers.ts'
import { createOwnEvents } from './own-events.ts'
import { OwnLog } from './own-log.ts'
import { Pipeline } from './pipeline.ts'
import type { Phase } from './readiness.ts'
import { recordStart } from './record-start.ts'
import type { ReloadReport } from './reload-report.ts'
import { type ReloadRequest, Reloads } from './reloads.ts'
import { RouteNotes } from './route-notes.ts'
import { createRouteTable } from './routes.ts'
import { RoutesInUse } from './routes-in-use.ts'
import { RunningReceivers } from './running-receivers.ts'
import { RunningSinks } from './running-sinks.ts'
import { RunningTelemetry } from './running-telemetry.ts'
import { SinkNotes } from './sink-notes.ts'
import { Watch } from './watch.ts'
import { compileWithhold } from './withhold.ts'

export interface AgentOptions {
  readonly loaded: LoadedConfig<AgentConfig>
  /** Reads the configuration again. @default it cannot be */
  readonly read?: () => Promise<Inspection<AgentConfig>>
  readonly log: Log
  /** Has the log be as another configuration says. @default it stays as it is */
  readonly useLog?: (settings: AgentConfig['telemetry']) => Promise<void>
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
  /** The one in force. */
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
  /** Becomes what the configuration says now, or stays as it is and says why. Never rejects. */
  reload(request: ReloadRequest): Promise<ReloadReport>
  /** Drains within `agent.drain`, then frees everything. Idempotent: the first reason is the one on record. */
  stop(reason: StopReason): Promise<void>
}

/** Rejects with a clear error when it can't start; then everything that was opened is closed again. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { loaded, log, clock = systemClock, once = false } = options
  const { config } = loaded
  const dataDir = config.agent.data_dir
  const metrics = createMetrics()
  metrics.buildInfo.set({ version, node: process.versions.node }, 1)
  let phase: Phase = 'starting'
  const inUse = new ConfigInUse(loaded)

  const sinkNames = Object.keys(config.sinks)
  const routes = new RoutesInUse(createRouteTable(config.routes, sinkNames, dataDir))
  const ledger = new Ledger({ routes: routes.table.routes, sinks: sinkNames })
  const run = randomBytes(16).toString('hex')
  const ownEvents = createOwnEvents({
    run,
    agent: { id: config.agent.id, version },
    configHash: () => inUse.hash,
    routes,
    clock,
    metrics,
  })
  const ownLog = new OwnLog({ run, ownEvents, clock, log })
  const sinkNotes = new SinkNotes(ownLog)
  const routeNotes = new RouteNotes(clock, ownLog)

  await using opened = new AsyncDisposableStack()

  const journal = await openJournal({
    dataDir,
    agentId: config.agent.id,
    config: config.journal,
    routes: routes.table.rendered,
    clock,
    log,
    metrics,
    events: {
      block: (batch, update, firstSeq) => ledger.committed(batch, update, firstSeq),
      damaged: (damage) => ownLog.record(journalDamaged(damage)),
      dropped: (drop) => sinkNotes.dropped(drop),
      gap: (gap) => sinkNotes.expired(gap),
    },
    waitLock: options.waitLock ?? false,
    ...(options.signal && { signal: options.signal }),
  })
  opened.defer(() => journal[Symbol.asyncDispose]())
  ledger.open(journal.durableSeq, journal.liveStreams())
  const agentFile = { pid: process.pid, started: new Date(clock.now()).toISOString(), version }
  writeAgentFile(dataDir, agentFile)
  opened.defer(() => removeAgentFile(dataDir))
  ownLog.open(journal)
  const { noted, ...last } = await recordStart({
    dataDir,
    configHash: loaded.hash,
    journal,
    ownLog,
    clock,
    log,
  })
  opened.defer(async () => {
    // Only where the start fails: an agent that ran has closed its log with a reason of its own.
    await closeLog(ownLog, { reason: 'error', detail: 'the start failed' }, false)
    await noted
  })

  const shared = { journal, ledger, routes, clock, log, metrics }
  const notify = sinkNotes.notice.bind(sinkNotes)
  const release = (sink: string) => control.release(sink)
  const sinks = new RunningSinks({ ...shared, dataDir, quiet: options.quiet, notify, release })
  const normalisers = new Normalisers({ ownLog, log, metrics })
  const agentId = config.agent.id
  const taking = { agentId, normalisers, ownEvents, ownLog, routeNotes, once }
  const receivers = new RunningReceivers({ ...shared, ...taking })

  const { started } = agentFile
  const isIn = () => phase
  const fault = () => reloads.fault
  const view = viewOf({ ...shared, started, inUse, phase: isIn, fault, sinks, receivers })
  const moved = (address: string) => writeAgentFile(dataDir, { ...agentFile, telemetry: address })
  const telemetry = new RunningTelemetry({ ...view, moved, log })
  const useLog = options.useLog ?? (async () => {})
  const pipeline = new Pipeline({ ...shared, useLog, telemetry, sinks, normalisers, receivers })
  const reloads = new Reloads({
    inUse,
    phase: isIn,
    read: options.read ?? (() => Promise.reject(notReadable())),
    tryOut: async (from, to) => (await import('./try-listeners.ts')).tryListeners(from, to),
    pipeline,
    ownLog,
    clock,
    recorded: (hash) => writeLastStart(dataDir, { config_sha256: hash }),
    log,
    metrics,
  })
  const handover = new Handover({
    ...shared,
    config: () => inUse.config,
    sinks: sinks.open,
    ownLog,
    notify,
  })
  const control = new ControlServer({
    dataDir,
    log,
    drain: { ...shared, dataDir, phase: isIn, receivers, sinks, handover, ownLog },
    reload: (requester) => reloads.request({ trigger: 'command', requester }),
    forget: (sink, requester) =>
      reloads.alone(async () => {
        const { forgetSink } = await import('./forget-sink.ts')
        const configured = () => Object.keys(inUse.config.sinks)
        return await forgetSink(sink, requester, { dataDir, journal, ownLog, configured })
      }),
    host: {
      dataDir,
      journal,
      routes,
      get withhold() {
        return compileWithhold(inUse.config)
      },
      get configured() {
        return Object.keys(inUse.config.sinks)
      },
      sinks: sinks.open,
      ownLog,
      notify,
      metrics,
      clock,
      log,
    },
  })

  opened.use(reloads)
  opened.use(telemetry)
  // Before all that takes time: whoever watches is to see that it lives.
  await telemetry.listen(config.telemetry.listen)
  opened.use(sinks)
  opened.use(normalisers)
  opened.use(receivers)
  await pipeline.become(config, last)
  opened.use(control)
  await control.open()
  opened.use(new Watch({ clock, journal, ownLog, routeNotes }))
  phase = 'running'
  const running = opened.move()

  const followers = receivers.all.filter((receiver) => receiver.describe().verb === 'follows')
  const filesRead = Promise.all(followers.map((receiver) => receiver.caughtUp)).then(() => {})

  let stopped: Promise<void> | undefined
  async function stop(reason: StopReason): Promise<void> {
    phase = 'draining'
    await reloads.ended()
    const { deliveries } = sinks
    const milliseconds = inUse.config.agent.drain
    const ending = { receivers: receivers.all, control, deliveries, journal, ownLog, routeNotes, handover }
    await drain({ ...ending, milliseconds, log }, reason)
    await running.disposeAsync()
  }

  return {
    get config() {
      return inUse.config
    },
    recovery: journal.recovery,
    get receivers() {
      return receivers.all
    },
    get sinks() {
      return sinks.sinks
    },
    get telemetryAddress() {
      return telemetry.address
    },
    journal,
    totals: () => sumTotals([...receivers.totals.values()]),
    filesRead,
    caughtUp: async (signal) => {
      await abortable(filesRead, signal)
      const target = journal.durableSeq
      await Promise.all(sinks.deliveries.map((delivery) => delivery.settledThrough(target, signal)))
    },
    reload: (request) => reloads.request(request),
    stop: (reason) => {
      stopped ??= stop(reason)
      return stopped
    },
  }
}

const notReadable = () =>
  new AffiantError('config_unreadable', 'this agent does not read its configuration again', {
    hint: 'run --once ends by itself',
  })
