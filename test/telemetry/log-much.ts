// A process that logs more than its collector (argv: port) takes: 10,000 lines at once, and then the end. Says on standard output how it went.
import { createExportedLog } from '../../src/telemetry/otlp-log.ts'

const { log, close } = await createExportedLog({
  log: { level: 'info', format: 'json' },
  endpoint: `http://127.0.0.1:${process.argv[2]}`,
  agent: { id: 'much', version: '1' },
})
const started = performance.now()
for (let n = 0; n < 10_000; n++) log.info({ n }, 'a line')
const milliseconds = performance.now() - started
process.stdout.write(`${JSON.stringify({ milliseconds })}\n`)
await close()
