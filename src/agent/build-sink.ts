/** One sink with its delivery loop, cursor and dead letters. */
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { DeliveryNotice } from '../delivery/condition.ts'
import { type DeadLetters, openDeadLetters } from '../delivery/dead-letters.ts'
import type { Delivery, DeliveryOptions } from '../delivery/delivery.ts'
import { createDelivery } from '../delivery/loop.ts'
import { openPlanLog, type PlanLog } from '../delivery/plan-log.ts'
import type { Cursor, Journal } from '../journal/contract.ts'
import type { Sink } from '../sinks/sink.ts'
import type { SharedBodies } from '../sinks/transport/shared-bodies.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AgentConfig } from './config.ts'
import type { Ledger } from './ledger.ts'
import type { RoutesInUse } from './routes-in-use.ts'

export interface BuildSinkOptions {
  readonly name: string
  readonly config: AgentConfig['sinks'][string]
  readonly dataDir: string
  readonly journal: Journal
  readonly ledger: Ledger
  readonly routes: Pick<RoutesInUse, 'table'>
  /** Of all sinks. */
  readonly bodies: SharedBodies
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** See AgentOptions. */
  readonly quiet?: (() => boolean) | undefined
  readonly notify: (notice: DeliveryNotice) => void
  readonly withhold?: DeliveryOptions['withhold']
}

export interface BuiltSink {
  readonly sink: Sink
  readonly config: AgentConfig['sinks'][string]
  readonly deadLetters: DeadLetters
  readonly delivery: Delivery
}

export async function buildSink(options: BuildSinkOptions): Promise<BuiltSink> {
  const { name, config, dataDir, journal, ledger, routes, clock, log, metrics, notify } = options
  const sink = await createSink(options)
  const cursor = await journal.cursor(name, { start: config.start, required: config.required })
  await using opening = new AsyncDisposableStack()
  const deadLetters = opening.use(await openLetters(dataDir, name, clock))
  const plans = sink.plans ? opening.use(await openPlans(options, sink.type, cursor)) : undefined
  const delivery = createDelivery({
    sink,
    journal,
    cursor,
    select: (hash) => routes.table.selectionFor(name, hash),
    config,
    deadLetters,
    withhold: options.withhold,
    ...(plans && { plans }),
    account: ledger.account(name, cursor.settled),
    clock,
    random: Math.random,
    log,
    metrics,
    notify,
  })
  const opened = opening.move()
  return {
    sink,
    config,
    deadLetters,
    delivery: {
      ...delegate(delivery),
      stop: async (milliseconds) => {
        await delivery.stop(milliseconds)
        await opened.disposeAsync()
      },
    },
  }
}

export const openLetters = (dataDir: string, sink: string, clock: Clock): Promise<DeadLetters> =>
  openDeadLetters({ directory: join(dataDir, 'dlq', sink), clock })

function openPlans({ name, dataDir, log }: BuildSinkOptions, type: string, cursor: Cursor): Promise<PlanLog> {
  return openPlanLog({
    directory: join(dataDir, 'plans', name),
    type,
    durable: () => cursor.durable,
    warn: (message) => log.warn({ sink: name }, message),
  })
}

const delegate = (delivery: Delivery): Delivery => ({
  start: () => delivery.start(),
  stop: (milliseconds) => delivery.stop(milliseconds),
  status: () => delivery.status(),
  unsettled: () => delivery.unsettled(),
  settledThrough: (seq, signal) => delivery.settledThrough(seq, signal),
})

/** Not started: it has opened nothing yet. `bodies`: of all sinks that go along beside it. */
export async function createSink({
  name,
  config,
  clock,
  bodies,
  quiet,
}: Pick<BuildSinkOptions, 'name' | 'config' | 'clock' | 'quiet'> & {
  readonly bodies?: SharedBodies | undefined
}): Promise<Sink> {
  switch (config.type) {
    // Loading what is not configured is a good part of a start.
    case 'http': {
      const { createHttpSink } = await import('../sinks/http/index.ts')
      return createHttpSink({ name, config, clock, bodies })
    }
    case 'splunk_hec': {
      const { createSplunkHecSink } = await import('../sinks/splunk_hec/index.ts')
      return createSplunkHecSink({ name, config, clock, bodies })
    }
    case 's3': {
      const { createS3Sink } = await import('../sinks/s3/index.ts')
      return createS3Sink({ name, config, clock, bodies })
    }
    case 'otlp': {
      const { createOtlpSink } = await import('../sinks/otlp/index.ts')
      return createOtlpSink({ name, config, clock, bodies })
    }
    case 'file': {
      const { createFileSink } = await import('../sinks/file/index.ts')
      return createFileSink({ name, config, clock })
    }
    case 'stdout': {
      const { createStdoutSink } = await import('../sinks/stdout/index.ts')
      return createStdoutSink({ name, config, ...(quiet && { quiet }) })
    }
  }
}
