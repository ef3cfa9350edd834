/** SIGTERM and Ctrl-C: the first drains, the second ends the process at once (the journal bears that). */

export interface StopSignals {
  /** The first signal's name. */
  readonly name: NodeJS.Signals | undefined
  /** Aborts at the first signal. */
  readonly first: AbortSignal
  /** Resolves at the first signal. */
  readonly stopped: Promise<void>
  release(): void
}

/**
 * Signals within this time are one: npm hands Ctrl-C on to a child that the terminal has already told, and whoever ends
 * a process and then its group (`timeout` does, npm under a supervisor) means it once. Milliseconds.
 */
const sameRequest = 300

export function stopSignals(): StopSignals {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  let firstAt: number | undefined
  let name: NodeJS.Signals | undefined

  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      name = signal
      controller.abort(new Error(`stopped by ${signal}`))
      resolve()
      return
    }
    if (now - firstAt < sameRequest) return
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
    release: () => {
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
