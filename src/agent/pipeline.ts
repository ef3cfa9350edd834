/**
 * What runs of a configuration, and how it becomes what another one says. A start is the special case in which nothing runs
 * yet. Against the flow of data (telemetry, sinks, normalisers, receivers), so that nothing is taken in that has nowhere to go;
 * what another configuration leaves as it is runs on meanwhile, with its connections and files.
 *
 * When a step fails, what was done before it stays done: whoever asked has the configuration before put back.
 */

import { asError } from '../errors.ts'
import type { Journal } from '../journal/contract.ts'
import type { AgentConfig } from './config.ts'
import { openHashKeys } from './hash-keys.ts'
import type { Ledger } from './ledger.ts'
import { normaliserSpec } from './normaliser-specs.ts'
import type { Normalisers, PreparedNormalisers } from './normalisers.ts'
import { createRouteTable, type RouteTable } from './routes.ts'
import type { RoutesInUse } from './routes-in-use.ts'
import type { LastRun, RunningReceivers } from './running-receivers.ts'
import type { RunningSinks } from './running-sinks.ts'
import type { RunningTelemetry } from './running-telemetry.ts'

export interface PipelineParts {
  readonly journal: Pick<Journal, 'useRoutes' | 'useSettings'>
  readonly ledger: Pick<Ledger, 'use'>
  /** Never rejects. */
  readonly useLog: (settings: AgentConfig['telemetry']) => Promise<void>
  readonly routes: RoutesInUse
  readonly telemetry: RunningTelemetry
  readonly sinks: RunningSinks
  readonly normalisers: Normalisers
  readonly receivers: RunningReceivers
}

export class Pipeline {
  readonly #parts: PipelineParts

  constructor(parts: PipelineParts) {
    this.#parts = parts
  }

  /** @throws what the first part says that cannot be as it is to be */
  async become(config: AgentConfig, last?: LastRun): Promise<void> {
    await this.#become(config, stopAt, last)
  }

  /** Becomes it as far as it can: what cannot start keeps nothing else from it. @throws what the first of that says */
  async putBack(config: AgentConfig): Promise<void> {
    const failures: unknown[] = []
    await this.#become(config, (thrown) => failures.push(thrown))
    if (failures.length > 0) throw asError(failures[0])
  }

  /** `failed`: called with what a part says that cannot be so. What it throws ends all of it. */
  async #become(config: AgentConfig, failed: (thrown: unknown) => void, last?: LastRun): Promise<void> {
    const { journal, routes, telemetry, sinks, normalisers, receivers } = this.#parts
    const table = tableOf(config, routes.table)
    const hashKeys = await openHashKeys(config)
    const specs = Object.keys(config.receivers).map((name) =>
      normaliserSpec(config, name, table.routes, hashKeys),
    )
    // Everything that can be wrong with it shows before anything is touched.
    const prepared = await normalisers.prepare(specs, config.agent.workers)
    try {
      const listen = () => telemetry.listen(config.telemetry.listen)
      // Where a receiver has its address that ends, it listens behind that.
      const isEarly = await listen().then(
        () => true,
        (thrown) => (receivers.ends(config) ? false : (failed(thrown) ?? true)),
      )
      await sinks.begin(config).catch(failed)
      await receivers.end(config)
      if (!isEarly) await listen().catch(failed)
      await this.#turn(table, prepared, config)
    } catch (thrown) {
      await normalisers.drop(prepared)
      throw thrown
    }
    await receivers.begin(config, failed, last)
    await sinks.end(config)
    await this.#parts.useLog(config.telemetry)
    // Last: what other limits let go of cannot be put back.
    await journal.useSettings(config.journal)
  }

  /** From one block of the journal to the next, events are made and routed by another configuration. */
  async #turn(table: RouteTable, prepared: PreparedNormalisers, config: AgentConfig): Promise<void> {
    const { journal, ledger, routes, normalisers } = this.#parts
    const books = { routes: table.routes, sinks: Object.keys(config.sinks) }
    if (table === routes.table) {
      normalisers.use(prepared)
      ledger.use(books)
      return
    }
    await journal.useRoutes(table.rendered, {
      appended: () => {
        routes.use(table)
        normalisers.use(prepared)
      },
      committed: () => ledger.use(books),
    })
  }
}

const stopAt = (thrown: unknown): never => {
  throw thrown
}

/** The one in force, where that says the same. */
function tableOf({ routes, sinks, agent }: AgentConfig, current: RouteTable): RouteTable {
  const table = createRouteTable(routes, Object.keys(sinks), agent.data_dir)
  return table.hash === current.hash ? current : table
}
