// A process that logs more than its collector (argv: port) takes: 10,000 lines at once, and then the end. Says on standard output how it went.
import { RunningLog } from '../../src/telemetry/running-log.ts'

const endpoint = `http://127.0.0.1:${process.argv[2]}`
const running = await RunningLog.open({
  settings: { log: { level: 'info', format: 'json' }, logs: { otlp: { endpoint } } },
  agent: { id: 'much', version: '1' },
})
const { log } = running
const started = performance.now()
for (let n = 0; n < 10_000; n++) log.info({ n }, 'a line')
const milliseconds = performance.now() - started
process.stdout.write(`${JSON.stringify({ milliseconds })}\n`)
await running.close()
