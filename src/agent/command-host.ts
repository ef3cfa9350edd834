/**
 * What a command works on when no agent runs: it takes the data directory's lock, opens the journal and the one sink that it
 * is about, and puts on record what it does, as an agent would.
 */
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { systemClock } from '../clock.ts'
import type { LoadedConfig } from '../config/load.ts'
import { AffiantError } from '../errors.ts'
import { openJournal } from '../journal/open.ts'
import type { Log } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { version } from '../version.ts'
import { createSink, openLetters } from './build-sink.ts'
import type { AgentConfig } from './config.ts'
import { journalDamaged } from './journal-notes.ts'
import type { OpenSink } from './operation.ts'
import { Operations } from './operations.ts'
import { createOwnEvents } from './own-events.ts'
import { OwnLog } from './own-log.ts'
import { keepRanUntil, recordRecovery } from './record-start.ts'
import { createRouteTable } from './routes.ts'
import { RoutesInUse } from './routes-in-use.ts'
import { SinkNotes } from './sink-notes.ts'
import { compileWithhold } from './withhold.ts'

/** For its last events. Milliseconds. */
const patience = 5_000

export interface CommandHost extends AsyncDisposable {
  readonly operations: Operations
}

/**
 * @param sink the only one that is opened
 * @throws AffiantError data_dir_locked, not_found, and as `openJournal` and the sink do
 */
export async function openCommandHost(
  { config, hash }: LoadedConfig<AgentConfig>,
  sink: string,
  log: Log,
): Promise<CommandHost> {
  const dataDir = config.agent.data_dir
  const clock = systemClock
  const metrics = createMetrics()
  if (!(await stat(dataDir).catch(() => undefined))) {
    throw new AffiantError('not_found', `there is no data directory ${dataDir}`)
  }
  const routes = new RoutesInUse(createRouteTable(config.routes, Object.keys(config.sinks), dataDir))
  const run = randomBytes(16).toString('hex')
  const agent = { id: config.agent.id, version }
  const ownEvents = createOwnEvents({
    run,
    agent,
    configHash: () => hash,
    routes,
    clock,
    metrics,
  })
  const ownLog = new OwnLog({ run, ownEvents, clock, log })
  const sinkNotes = new SinkNotes(ownLog)

  await using opened = new AsyncDisposableStack()
  const journal = await openJournal({
    dataDir,
    agentId: config.agent.id,
    config: config.journal,
    routes: routes.table.rendered,
    clock,
    log,
    events: {
      damaged: (damage) => ownLog.record(journalDamaged(damage)),
      dropped: (drop) => sinkNotes.dropped(drop),
      gap: (gap) => sinkNotes.expired(gap),
    },
  })
  opened.defer(() => journal[Symbol.asyncDispose]())
  await keepRanUntil(dataDir, journal)
  ownLog.open(journal)
  opened.defer(() => ownLog.close(undefined, AbortSignal.timeout(patience)))
  recordRecovery(journal.recovery, ownLog)

  const sinks = new Map<string, OpenSink>()
  const sinkConfig = config.sinks[sink]
  if (sinkConfig !== undefined) {
    const created = await createSink({ name: sink, config: sinkConfig, clock })
    await created.start()
    opened.defer(() => created.stop())
    const deadLetters = await openLetters(dataDir, sink, clock)
    opened.use(deadLetters)
    sinks.set(sink, { sink: created, config: sinkConfig, deadLetters })
  }
  const operations = new Operations({
    dataDir,
    journal,
    routes,
    withhold: compileWithhold(config),
    configured: Object.keys(config.sinks),
    sinks,
    ownLog,
    notify: (notice) => sinkNotes.notice(notice),
    metrics,
    clock,
    log,
  })
  opened.use(operations)
  const running = opened.move()
  return { operations, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
