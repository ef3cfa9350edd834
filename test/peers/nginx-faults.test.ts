/** Faults at random before nginx, over restarts of the agent: what it has answered for is what the journal has. */
import { expect, test } from 'vitest'
import { keepResult } from '../crash/results.ts'
import { faultyTrial } from '../faults/trial.ts'
import { full, seed } from '../seed.ts'
import { hasNginx, prepareNginx } from './nginx.ts'

const milliseconds = full ? 600_000 : 15_000

test.skipIf(!hasNginx())(
  `after faults for ${milliseconds / 1000} s nginx has what the journal has (seed ${seed})`,
  { timeout: milliseconds + 600_000 },
  async () => {
    await using nginx = await prepareNginx('http://127.0.0.1:1')
    await nginx.start()
    const result = await faultyTrial({
      destination: {
        port: () => Number(new URL(nginx.origin).port),
        sink: (port) => `type: http
url: https://127.0.0.1:${port}/kept
tls: { ca: ${nginx.server.cert}, cert: ${nginx.client.cert}, key: ${nginx.client.key} }
timeout: 3s
batch: { max_bytes: 256KiB }
retry: { initial: 50ms, max: 500ms }`,
        lines: () => nginx.kept(),
        async restart() {
          await nginx.stop()
          await nginx.start()
        },
      },
      milliseconds,
      restarts: 3,
      seed,
    })
    const { faults, ...figures } = result
    keepResult('nginx-faults', { full, seed, milliseconds, ...figures })
    expect(result).toMatchObject({ missing: 0, foreign: 0, agentRestarts: 3 })
    if (result.duplicates > 0) expect(result.lostAnswers).toBeGreaterThan(0)
    expect(Object.keys(faults).length).toBeGreaterThan(4)
  },
)
