import { appendFile } from 'node:fs/promises'
import { systemClock } from '../../../src/clock.ts'
import { fileReceiverConfig } from '../../../src/receivers/file/config.ts'
import { createFileReceiver } from '../../../src/receivers/file/receiver.ts'
import { silentLog } from '../../../src/telemetry/log.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { receiverContract } from '../contract.ts'
import { Bench } from './harness.ts'

receiverContract('file', async (intake) => {
  const bench = await Bench.create()
  const path = bench.path('audit.log')
  const receiver = createFileReceiver({
    name: 'app',
    config: fileReceiverConfig.parse({ type: 'file', include: [path] }),
    agentId: 'agent-1',
    intake,
    known: [],
    log: silentLog,
    metrics: createMetrics(),
    clock: systemClock,
    forget: (stream) => intake.forget(stream),
  })
  return {
    receiver,
    acknowledges: false,
    send: async (markers) => {
      await appendFile(path, markers.map((marker) => `{"marker":"${marker}"}\n`).join(''))
      return 'taken'
    },
    [Symbol.asyncDispose]: async () => {
      await receiver.stop()
      await bench[Symbol.asyncDispose]()
    },
  }
})
