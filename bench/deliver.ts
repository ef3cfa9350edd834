// Delivers what is in a journal to the sinks of a configuration, with nothing else beside it, and says what it cost.
// Each sink gets what was routed to the one that the journal was filled for.
import { writeFileSync } from 'node:fs'
import { buildSink } from '../src/agent/build-sink.ts'
import { Ledger } from '../src/agent/ledger.ts'
import { loadAgentConfig } from '../src/agent/load.ts'
import { createRouteTable } from '../src/agent/routes.ts'
import { systemClock } from '../src/clock.ts'
import { openJournal } from '../src/journal/open.ts'
import { SharedBodies } from '../src/sinks/transport/shared-bodies.ts'
import { createLog } from '../src/telemetry/log.ts'
import { createMetrics } from '../src/telemetry/metrics.ts'
import { benchSink } from './agent-config.ts'

const [configPath, resultPath] = process.argv.slice(2) as [string, string]
const { config } = await loadAgentConfig([configPath])
const { data_dir: dataDir, id: agentId } = config.agent
const log = await createLog(config.telemetry.log)
const clock = systemClock
const metrics = createMetrics()
const names = Object.keys(config.sinks)
const table = createRouteTable(config.routes, names, dataDir)
const routes: typeof table = { ...table, selectionFor: (_, hash) => table.selectionFor(benchSink, hash) }
const ledger = new Ledger({ routes: routes.routes, sinks: names })
await using journal = await openJournal({ dataDir, agentId, config: config.journal, clock, log, metrics })
const events = journal.durableSeq
ledger.open(events, journal.liveStreams())

/** A destination that does not take what it is sent would be tried for ever. */
const limit = AbortSignal.timeout(600_000)
const bodies = new SharedBodies()
const started = performance.now()
const cpuBefore = process.cpuUsage()
const built = await Promise.all(
  names.map((name) =>
    buildSink({
      name,
      config: config.sinks[name]!,
      dataDir,
      journal,
      ledger,
      routes: { table: routes },
      bodies,
      clock,
      log,
      metrics,
      notify: (notice) => log.warn(notice, `sink ${name}: ${notice.kind}`),
    }),
  ),
)
for (const { delivery } of built) await delivery.start()
const halfway = Promise.all(built.map(({ delivery }) => delivery.settledThrough(events / 2, limit))).then(
  () => performance.now(),
)
await Promise.all(built.map(({ delivery }) => delivery.settledThrough(events, limit)))
const ended = performance.now()
const { user, system } = process.cpuUsage(cpuBefore)
const concurrency = Math.max(...built.map(({ delivery }) => delivery.status().limit))
for (const { delivery } of built) await delivery.stop(0)
writeFileSync(
  resultPath,
  JSON.stringify({
    events,
    // Of the process, whose clock this is.
    seconds: ended / 1000,
    startSeconds: started / 1000,
    secondHalfSeconds: (ended - (await halfway)) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    concurrency,
  }),
)
