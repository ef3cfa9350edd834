/** `affiant run`: the agent in the foreground, until a signal or, with `--once`, until everything is done. */
import { startAgent } from '../agent/agent.ts'
import { countJournal } from '../agent/count-journal.ts'
import { loadAgentConfig } from '../agent/load.ts'
import { renderProblems } from '../config/render.ts'
import { createLog } from '../telemetry/log.ts'
import { caughtUpLine, recoveryBanner, startBanner } from './banner.ts'
import { stopSignals } from './stop-signals.ts'

export interface RunOptions {
  readonly config: readonly string[]
  readonly once: boolean
  readonly waitLock: boolean
}

export async function runCommand({ config: paths, once, waitLock }: RunOptions): Promise<number> {
  const loaded = await loadAgentConfig(paths)
  const { config, files, warnings } = loaded
  const log = await createLog(config.telemetry.log)
  if (warnings.length > 0) process.stderr.write(renderProblems(warnings, { colors: process.stderr.isTTY }))

  const signals = stopSignals()
  const agent = await startAgent({ loaded, log, once, waitLock })
  try {
    // A sink that writes NDJSON to standard output has it to itself.
    const piped = Object.values(config.sinks).some(
      (sink) =>
        sink.type === 'stdout' && (sink.format ?? (process.stdout.isTTY ? 'pretty' : 'ndjson')) === 'ndjson',
    )
    const print = (text: string) => (piped ? process.stderr : process.stdout).write(text)

    const before = agent.recovery.found ? await countJournal(agent.journal) : undefined
    print(startBanner(agent, files, performance.now()))
    if (agent.recovery.found) print(recoveryBanner(agent, before))

    const caughtUp = agent.caughtUp(signals.first).then(
      () => {
        const { records, incomplete, skipped } = agent.totals()
        print(caughtUpLine((before?.lines ?? 0) + records, (before?.incomplete ?? 0) + incomplete, skipped))
        if (!once && files.some((file) => file.endsWith('quickstart.yaml'))) {
          print('Next: npm run demo:event | demo:otlp | demo:crash\n')
        }
      },
      (reason: unknown) => {
        if (!signals.first.aborted) throw reason
      },
    )
    if (once) await caughtUp
    else await Promise.all([caughtUp, signals.stopped])
  } finally {
    await agent.stop()
    signals.release()
  }
  return 0
}
