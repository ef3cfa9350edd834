/** A command that sends or removes: by the agent where one runs, else by itself; with progress, until it is done or ended. */
import { userInfo } from 'node:os'
import { loadAgentConfig, loadDataDir } from '../agent/load.ts'
import type { EndMessage, OperationRequest, Requester } from '../agent/operation.ts'
import { AffiantError } from '../errors.ts'
import { createLog } from '../telemetry/log.ts'
import { askControl, type Tell } from './ask-control.ts'
import { Progress } from './progress.ts'
import { stopSignals } from './stop-signals.ts'

export interface OperateOptions {
  readonly config: readonly string[]
  readonly request: OperationRequest
  /** Milliseconds after which it is ended. */
  readonly timeout?: number | undefined
  /** Messages as JSON on the standard output, and nothing else. */
  readonly json: boolean
  /** `replay to hook`: what the progress is called. Absent: it takes no time. */
  readonly title?: string
  /** What is said at the end. */
  readonly summary: (end: EndMessage) => string
}

/** Resolves to the exit code: 0 when all of it is done, 1 when something was refused or it was ended. */
export async function operate(options: OperateOptions): Promise<number> {
  const { config, request, timeout, json, title, summary } = options
  const signals = stopSignals()
  const ended = new AbortController()
  const end = () => ended.abort()
  const timer = timeout === undefined ? undefined : setTimeout(end, timeout)
  signals.first.addEventListener('abort', end, { once: true })
  const { signal } = ended
  const progress = json || title === undefined ? undefined : new Progress({ title, stream: process.stderr })
  const tell: Tell = (message) => {
    if (json) process.stdout.write(`${JSON.stringify(message)}\n`)
    else if (message.kind === 'begun') progress?.begin(message.events)
    else if (message.kind === 'progress') {
      const { accepted, refused, waiting } = message
      progress?.show(accepted + refused, waiting)
    }
  }
  try {
    const dataDir = await loadDataDir(config)
    const asked = await askControl(dataDir, request, tell, signal)
    const result = asked ?? (await operateAlone(config, request, tell, signal))
    progress?.end()
    if (!json) process.stdout.write(`${summary(result)}\n`)
    return result.outcome === 'done' && result.refused === 0 ? 0 : 1
  } finally {
    clearTimeout(timer)
    progress?.end()
    signals.release()
  }
}

async function operateAlone(
  config: readonly string[],
  request: OperationRequest,
  tell: Tell,
  signal: AbortSignal,
): Promise<EndMessage> {
  const loaded = await loadAgentConfig(config)
  const { openCommandHost } = await import('../agent/command-host.ts')
  const log = await createLog({ ...loaded.config.telemetry.log, level: 'error' })
  try {
    await using host = await openCommandHost(loaded, request.sink, log)
    const end = await host.operations.run(request, tell, signal)
    tell(end)
    return end
  } catch (error) {
    if (!(error instanceof AffiantError) || error.code !== 'data_dir_locked') throw error
    throw new AffiantError(error.code, error.message, {
      cause: error,
      hint: 'and it has no control socket there: it is starting or stopping, another such command works, or its log says why it has none',
    })
  }
}

/** As the system says of this process. */
export function requester(): Requester {
  const sudo = process.env.SUDO_USER
  const { uid } = process.getuid ? { uid: process.getuid() } : { uid: -1 }
  return { user: userName() ?? String(uid), uid, ...(sudo && { sudo_user: sudo.slice(0, 256) }) }
}

/** A container's user need not be known by name. */
function userName(): string | undefined {
  try {
    return userInfo().username.slice(0, 256)
  } catch {
    return undefined
  }
}
