/** Faults at random before HTTP and HEC destinations, over restarts of the agent; real servers get theirs in test/peers/. */
import { expect, test } from 'vitest'
import { keepResult } from '../crash/results.ts'
import { faultyTrial, type TrialResult } from '../faults/trial.ts'
import { full, seed } from '../seed.ts'
import { openHttpDestination } from '../sinks/http/destination.ts'
import { HecServer } from '../sinks/splunk_hec/hec-server.ts'

const milliseconds = full ? 600_000 : 8_000
const options = { milliseconds, restarts: 3, seed }
const impatient = 'timeout: 1s\nretry: { initial: 50ms, max: 500ms }'

function check(name: string, { faults: _faults, ...result }: TrialResult): void {
  keepResult(`${name}-faults`, { full, seed, milliseconds, ...result })
  expect(result).toMatchObject({ missing: 0, foreign: 0, agentRestarts: 3 })
  expect(result.events).toBeGreaterThan(500)
}

test(`http: after faults the destination has what the journal has (seed ${seed})`, async () => {
  const destination = await openHttpDestination()
  try {
    const result = await faultyTrial({
      ...options,
      destination: {
        port: () => Number(new URL(destination.url).port),
        sink: (port) => `type: http\nurl: http://127.0.0.1:${port}/\n${impatient}`,
        lines: async () => destination.lines(),
      },
    })
    check('http', result)
  } finally {
    await destination.close()
  }
})

test(`splunk_hec, acknowledged: after faults Splunk has what the journal has (seed ${seed})`, async () => {
  await using hec = await HecServer.open()
  hec.acknowledges = true
  const result = await faultyTrial({
    ...options,
    destination: {
      port: () => hec.port,
      sink: (port) => `type: splunk_hec
url: http://127.0.0.1:${port}
token: secret-token
acknowledge: true
ack: { interval: 20ms, timeout: 2s }
${impatient}`,
      lines: async () => hec.lines,
    },
  })
  check('splunk_hec', result)
})
