/** Waiting for what another process does. */
import { setTimeout as wait } from 'node:timers/promises'

/** Asks until there is an answer, for half a minute. */
export async function poll<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const result = await attempt()
    if (result !== undefined) return result
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`)
    await wait(5)
  }
}
