/** `affiant run`: the agent in the foreground, until a signal or, with `--once`, until everything is done. */
import { type Agent, startAgent } from '../agent/agent.ts'
import type { StopReason } from '../agent/agent-notes.ts'
import type { AgentConfig } from '../agent/config.ts'
import { countJournal } from '../agent/count-journal.ts'
import { inspectAgentConfig, loadAgentConfig } from '../agent/load.ts'
import { systemClock } from '../clock.ts'
import type { Inspection } from '../config/load.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import { renderProblems } from '../config/render.ts'
import { AffiantError, asError } from '../errors.ts'
import { RunningLog } from '../telemetry/running-log.ts'
import { version } from '../version.ts'
import { caughtUpLine, recoveryBanner, startBanner } from './banner.ts'
import { boundHeapGrowth } from './heap-growth.ts'
import { reloadCauses } from './reload-causes.ts'
import type { Rest } from './rest.ts'
import { stopSignals } from './stop-signals.ts'

/** Milliseconds. */
const bannerPatience = 1_000

export interface RunOptions {
  readonly config: readonly string[]
  readonly once: boolean
  readonly waitLock: boolean
  /** Reads the files again when they have changed. */
  readonly watch: boolean
}

export async function runCommand(options: RunOptions, rest: Rest): Promise<number> {
  const { config: named, once, waitLock, watch } = options
  const loaded = await loadAgentConfig(named)
  // What is read again is what was found, wherever that was looked for.
  const paths = named.length > 0 ? named : loaded.files
  const { config, files, warnings } = loaded
  boundHeapGrowth(config)
  const running = await RunningLog.open({
    settings: config.telemetry,
    agent: { id: config.agent.id, version },
  })
  const { log } = running
  say(warnings)

  const signals = stopSignals()
  const causes = reloadCauses(watch ? paths : [], signals.hungUp)
  // Events on a terminal come after what is said about the start; a long backlog is not waited for.
  let greeted = false
  const starting = startAgent({
    loaded,
    ...(!once && { read: () => readAgain(paths) }),
    log,
    useLog: (settings) => running.use(settings),
    once,
    waitLock,
    signal: signals.first,
    quiet: () => !greeted,
  })
  const agent = await unlessStopped(placed(starting, paths), signals.first)
  if (agent === undefined) {
    await causes.release()
    signals.release()
    await running.close()
    return once ? 1 : 0
  }
  rest.watch()
  let reason: StopReason = { reason: 'once' }
  try {
    // A sink that writes NDJSON to standard output has it to itself.
    const piped = Object.values(config.sinks).some(
      (sink) =>
        sink.type === 'stdout' && (sink.format ?? (process.stdout.isTTY ? 'pretty' : 'ndjson')) === 'ndjson',
    )
    const print = (text: string) => (piped ? process.stderr : process.stdout).write(text)

    const ready = performance.now()
    const before = agent.recovery.found ? await countJournal(agent.journal) : undefined
    // A moment for the files that were there, so that the banner can say what is in them.
    const patience = systemClock.sleep(bannerPatience, signals.first).then(
      () => true,
      () => true,
    )
    const isLong = await Promise.race([agent.filesRead.then(() => false), patience])
    const recovered = agent.recovery.found ? recoveryBanner(agent, before) : ''
    // In one piece: who waits for the one has the other as well.
    print(startBanner(agent, files, ready) + recovered)
    greeted = isLong
    causes.begin(async (request) => {
      // Sinks that change may never come to what there was at the start.
      greeted = true
      await agent.reload(request)
      boundHeapGrowth(agent.config)
    })

    const caughtUp = agent.caughtUp(signals.first).then(
      () => {
        const { records, incomplete, skipped } = agent.totals()
        print(caughtUpLine((before?.lines ?? 0) + records, (before?.incomplete ?? 0) + incomplete, skipped))
        if (!once && files.some((file) => file.endsWith('quickstart.yaml'))) {
          print('Next: npm run demo:event | demo:otlp | demo:crash\n')
        }
        greeted = true
      },
      (reason: unknown) => {
        if (!signals.first.aborted) throw reason
      },
    )
    if (once) await caughtUp
    else await Promise.all([caughtUp, signals.stopped])
    if (signals.name !== undefined) reason = { reason: 'signal', detail: signals.name }
  } catch (thrown) {
    reason = { reason: 'error', detail: asError(thrown).message }
    throw thrown
  } finally {
    rest.end()
    await causes.release()
    await agent.stop(reason)
    await running.close()
    signals.release()
  }
  // Asked to finish the job, and stopped before it was: a script must not take that for success.
  return once && signals.first.aborted ? 1 : 0
}

/** As `validate` does, so that what is refused is told in the same way. */
async function readAgain(paths: readonly string[]): Promise<Inspection<AgentConfig>> {
  const found = await inspectAgentConfig(paths)
  say(found.problems)
  return found
}

function say(problems: readonly Problem[]): void {
  if (problems.length > 0) process.stderr.write(renderProblems(problems, { colors: process.stderr.isTTY }))
}

/** Undefined when it was told to stop while it waited for another agent to leave. */
async function unlessStopped(starting: Promise<Agent>, signal: AbortSignal): Promise<Agent | undefined> {
  try {
    return await starting
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) return undefined
    throw thrown
  }
}

/** What the files of enrichers have against starting is told as `validate` tells it: all of it, with where they are named. */
async function placed(starting: Promise<Agent>, paths: readonly string[]): Promise<Agent> {
  try {
    return await starting
  } catch (thrown) {
    const isOfConfig =
      thrown instanceof AffiantError && ['config_invalid', 'config_unreadable'].includes(thrown.code)
    const { problems } = isOfConfig ? await inspectAgentConfig(paths) : { problems: [] }
    throw problems.some(({ severity }) => severity === 'error') ? new ConfigError(problems) : thrown
  }
}
