/** SIGTERM and Ctrl-C: the first drains, the second ends the process at once (the journal bears that). */

export interface StopSignals {
  /** The first signal's name. */
  readonly name: NodeJS.Signals | undefined
  /** Aborts at the first signal. */
  readonly first: AbortSignal
  /** Resolves at the first signal. */
  readonly stopped: Promise<void>
  /** As if the first signal had come: the terminal is gone. */
  readonly hungUp: () => void
  release(): void
}

/**
 * Signals within this time are one: npm hands Ctrl-C on to a child that the terminal has already told, and whoever ends
 * a process and then its group (`timeout` does, npm under a supervisor) means it once. Milliseconds. Nobody knows when a
 * signal came that is heard late, on a loaded machine or behind other work: what has waited when the time is over is of
 * the same request.
 */
const sameRequest = 300

export function stopSignals(): StopSignals {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  let name: NodeJS.Signals | undefined
  let isOver = false

  const onSignal = (signal: NodeJS.Signals) => {
    if (name === undefined) {
      name = signal
      const over = () => {
        isOver = true
      }
      // What has waited is heard between the two.
      setTimeout(() => setImmediate(over).unref(), sameRequest).unref()
      controller.abort(new Error(`stopped by ${signal}`))
      resolve()
      return
    }
    if (!isOver) return
    process.stderr.write(
      `affiant: ${signal} again: stopping at once; what is committed stays in the journal\n`,
    )
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return {
    get name() {
      return name
    },
    first: controller.signal,
    stopped: promise,
    hungUp: () => onSignal('SIGHUP'),
    release: () => {
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
