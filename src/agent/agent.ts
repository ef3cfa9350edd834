/**
 * The composition root: a configuration becomes a running pipeline. Started against the flow of data (telemetry,
 * journal, sinks, receivers), stopped with it, so that nothing is taken in that has nowhere to go.
 */
import { randomBytes } from 'node:crypto'
import { abortable, type Clock, systemClock } from '../clock.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Delivery } from '../delivery/delivery.ts'
import type { Journal, JournalRecovery } from '../journal/contract.ts'
import { openJournal } from '../journal/open.ts'
import { createNormaliserPool } from '../normalise/pool.ts'
import { StreamClaims } from '../receivers/file/identity/claims.ts'
import { Selections } from '../receivers/kubernetes/selections.ts'
import type { Receiver } from '../receivers/receiver.ts'
import type { Notify } from '../receivers/server/notice.ts'
import type { Sink } from '../sinks/sink.ts'
import { SharedBodies } from '../sinks/transport/shared-bodies.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { createTelemetryServer } from '../telemetry/server.ts'
import { version } from '../version.ts'
import { removeAgentFile, writeAgentFile } from './agent-file.ts'
import type { StopReason } from './agent-notes.ts'
import { buildReceiver, readersOf } from './build-receiver.ts'
import { type BuiltSink, buildSink } from './build-sink.ts'
import type { AgentConfig } from './config.ts'
import { openControl } from './control-server.ts'
import { closeLog, drain } from './drain.ts'
import { tellOfFile, tellOfStart } from './enrichment-notes.ts'
import { filesReport } from './file-books.ts'
import { openHashKeys } from './hash-keys.ts'
import { createIntake } from './intake.ts'
import { createIntakeMeter, type IntakeTotals, sumTotals } from './intake-meter.ts'
import { journalMetrics } from './journal-metrics.ts'
import { journalDamaged } from './journal-notes.ts'
import { Ledger } from './ledger.ts'
import { fileMetrics, sinkMetrics } from './ledger-metrics.ts'
import { normaliserSpec } from './normaliser-specs.ts'
import { createOwnEvents } from './own-events.ts'
import { OwnLog } from './own-log.ts'
import { tellOfPod } from './pod-notes.ts'
import { type Phase, readiness } from './readiness.ts'
import { recallMarks } from './recall-marks.ts'
import { recordStart } from './record-start.ts'
import { RouteNotes } from './route-notes.ts'
import { createRouteTable } from './routes.ts'
import { tellOfServer } from './server-notes.ts'
import { SinkNotes } from './sink-notes.ts'
import { statusReport } from './status.ts'
import { Watch } from './watch.ts'
import { compileWithhold } from './withhold.ts'

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
  /** Drains within `agent.drain`, then frees everything. Idempotent: the first reason is the one on record. */
  stop(reason: StopReason): Promise<void>
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
  const open = new Map<string, BuiltSink>()

  const sinkNames = Object.keys(config.sinks)
  const routes = createRouteTable(config.routes, sinkNames, dataDir)

  const ledger = new Ledger({ routes: routes.routes, sinks: sinkNames })
  const tellSinks = sinkMetrics(ledger, sinkNames, metrics)
  const totals = new Map<string, Readonly<IntakeTotals>>()

  const run = randomBytes(16).toString('hex')
  const ownEvents = createOwnEvents({
    run,
    agent: { id: config.agent.id, version },
    configHash: loaded.hash,
    routes: routes.ownEvents,
    clock,
    metrics,
  })
  const ownLog = new OwnLog({ run, ownEvents, clock, log })
  const sinkNotes = new SinkNotes(ownLog)
  const routeNotes = new RouteNotes(routes.routes, clock, ownLog)

  await using opened = new AsyncDisposableStack()

  const journal = await openJournal({
    dataDir,
    agentId: config.agent.id,
    config: config.journal,
    routes: routes.rendered,
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
  const start = { dataDir, configHash: loaded.hash, journal, ownLog, clock, log }
  const { noted, ranUntil, lastWritten } = await recordStart(start)
  opened.defer(async () => {
    // Only where the start fails: an agent that ran has closed its log with a reason of its own.
    await closeLog(ownLog, { reason: 'error', detail: 'the start failed' }, false)
    await noted
  })

  const isReady = () => readiness({ phase, journal, receivers, deliveries })
  const telemetry = createTelemetryServer({
    listen: config.telemetry.listen,
    metrics,
    beforeScrape: async () => {
      await fileMetrics(receivers, ledger, metrics)
      journalMetrics(journal, metrics)
      for (const delivery of deliveries) delivery.status()
      for (const [sink, { deadLetters }] of open) metrics.deadLetterBytes.set({ sink }, deadLetters.bytes)
      tellSinks()
    },
    reports: {
      '/files': () => filesReport({ receivers, totals, sinks: sinkNames, ledger }),
      '/status': async () =>
        statusReport({
          agent: config.agent.id,
          started: agentFile.started,
          receivers: config.receivers,
          sinks: config.sinks,
          totals,
          journal,
          ledger,
          deliveries,
          deadLetters: (sink) => open.get(sink)?.deadLetters.bytes ?? 0,
          readiness: isReady,
        }),
    },
    readiness: isReady,
    log,
  })
  await telemetry.start()
  writeAgentFile(dataDir, { ...agentFile, telemetry: telemetry.address })
  opened.defer(() => telemetry.stop())

  const bodies = new SharedBodies()
  const withhold = compileWithhold(config)
  for (const name of sinkNames) {
    const built = await buildSink({
      name,
      config: config.sinks[name]!,
      dataDir,
      journal,
      ledger,
      routes,
      bodies,
      clock,
      log,
      metrics,
      quiet: options.quiet,
      notify: (notice) => sinkNotes.notice(notice),
      withhold,
    })
    await built.delivery.start()
    sinks.push(built.sink)
    deliveries.push(built.delivery)
    open.set(name, built)
    opened.defer(() => built.delivery.stop(0))
  }

  const control = await openControl({
    dataDir,
    log,
    host: {
      dataDir,
      journal,
      routes,
      withhold,
      configured: sinkNames,
      sinks: open,
      ownLog,
      notify: (notice) => sinkNotes.notice(notice),
      metrics,
      clock,
      log,
    },
  })
  opened.use(control)

  const names = Object.entries(config.receivers).flatMap(([name, { type }]) =>
    options.once && type !== 'file' && type !== 'kubernetes' ? [] : [name],
  )
  const hashKeys = await openHashKeys(config)
  const pool = await createNormaliserPool(
    names.map((name) => normaliserSpec(config, name, routes.routes, hashKeys)),
    config.agent.workers,
    { onFile: (news) => tellOfFile(news, { ownLog, log, metrics }) },
  )
  for (const file of pool.files) tellOfStart(file, { ownLog, log })
  opened.defer(() => pool.close())

  const routeNames = routes.routes.map(({ name }) => name)
  const claims = new StreamClaims()
  const selections = new Selections()
  const reads = readersOf(config.receivers)
  const recent = await recallMarks({
    receivers: options.once ? {} : config.receivers,
    journal,
    until: lastWritten,
    clock,
    log,
  })
  for (const name of names) {
    const meter = createIntakeMeter(name, metrics, routeNames, routeNotes)
    totals.set(name, meter.totals)
    const notify: Notify = (notice) => tellOfServer(notice, ownLog)
    const intake = createIntake({ journal, normaliser: pool.normaliser(name), ownEvents, meter, notify })
    const receiver = await buildReceiver({
      name,
      config: config.receivers[name]!,
      agentId: config.agent.id,
      intake,
      journal,
      ledger,
      claims,
      selections,
      reads,
      ranUntil,
      clock,
      log,
      metrics,
      notify,
      notifyOfPod: (notice) => tellOfPod(notice, ownLog),
      recent: recent.get(name),
      workers: config.agent.workers,
    })
    receivers.push(receiver)
    opened.defer(() => receiver.stop())
  }
  for (const receiver of receivers) await receiver.start()
  opened.use(new Watch({ clock, journal, ownLog, routeNotes }))
  phase = 'running'
  const running = opened.move()

  const followers = receivers.filter((receiver) => receiver.describe().verb === 'follows')
  const filesRead = Promise.all(followers.map((receiver) => receiver.caughtUp)).then(() => {})

  let stopped: Promise<void> | undefined
  async function stop(reason: StopReason): Promise<void> {
    phase = 'draining'
    const milliseconds = config.agent.drain
    await drain({ receivers, control, deliveries, journal, ownLog, routeNotes, milliseconds, log }, reason)
    await running.disposeAsync()
  }

  return {
    config,
    recovery: journal.recovery,
    receivers,
    sinks,
    telemetryAddress: telemetry.address,
    journal,
    totals: () => sumTotals([...totals.values()]),
    filesRead,
    caughtUp: async (signal) => {
      await abortable(filesRead, signal)
      const target = journal.durableSeq
      await Promise.all(deliveries.map((delivery) => delivery.settledThrough(target, signal)))
    },
    stop: (reason) => {
      stopped ??= stop(reason)
      return stopped
    },
  }
}
