/** A slice of random faults before an HTTP destination; real servers get theirs in test/peers/. */
import { expect, test } from 'vitest'
import { faultyTrial } from '../faults/trial.ts'
import { seed } from '../seed.ts'
import { openHttpDestination } from '../sinks/http/destination.ts'

test(`after faults and restarts the destination has what the journal has (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  const destination = await openHttpDestination()
  const { port } = new URL(destination.url)
  try {
    const result = await faultyTrial({
      destination: {
        port: () => Number(port),
        sink: (proxied) =>
          `type: http\nurl: http://127.0.0.1:${proxied}/\ntimeout: 1s\nretry: { initial: 50ms, max: 500ms }`,
        lines: async () => destination.lines(),
      },
      milliseconds: 6_000,
      restarts: 2,
      seed,
    })
    expect(result).toMatchObject({ missing: 0, foreign: 0, agentRestarts: 2 })
    expect(result.events).toBeGreaterThan(500)
  } finally {
    await destination.close()
  }
})
