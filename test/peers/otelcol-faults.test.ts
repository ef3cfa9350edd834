/** Faults at random before an OpenTelemetry Collector, over restarts of the agent: it has every event of the journal. */
import { expect, test } from 'vitest'
import { keepResult } from '../crash/results.ts'
import { faultyTrial } from '../faults/trial.ts'
import { full, randomFrom, seed } from '../seed.ts'
import { lineOf } from './otelcol/lines.ts'
import { findOtelcol, Otelcol } from './otelcol/otelcol.ts'

const program = await findOtelcol()
const milliseconds = full ? 600_000 : 15_000
const impatient = 'timeout: 3s\nbatch: { max_bytes: 256KiB }\nretry: { initial: 50ms, max: 500ms }'

const sinks = {
  'otlp-http': {
    port: (otelcol: Otelcol) => otelcol.httpPort,
    sink: (port: number) => `type: otlp\nurl: http://127.0.0.1:${port}\n${impatient}`,
  },
  'otlp-grpc': {
    port: (otelcol: Otelcol) => otelcol.grpcPort,
    sink: (port: number) => `type: otlp\nprotocol: grpc\nurl: http://127.0.0.1:${port}\n${impatient}`,
  },
  'splunk-hec': {
    port: (otelcol: Otelcol) => otelcol.hecPort,
    sink: (port: number) => `type: splunk_hec
url: http://127.0.0.1:${port}
token: secret-token
acknowledge: true
ack: { interval: 20ms, timeout: 2s }
${impatient}`,
  },
}

test.skipIf(program === undefined).for(Object.entries(sinks))(
  `%s: after faults for ${milliseconds / 1000} s the collector has what the journal has (seed ${seed})`,
  { timeout: milliseconds + 600_000 },
  async ([name, { port, sink }]) => {
    const random = randomFrom(seed)
    await using otelcol = await Otelcol.start(program ?? '', {
      extensions: { ack: {}, bearertokenauth: { scheme: 'Splunk', token: 'secret-token' } },
      hec: { ack: { extension: 'ack' }, auth: { authenticator: 'bearertokenauth' } },
    })
    const result = await faultyTrial({
      destination: {
        port: () => port(otelcol),
        sink,
        lines: () => Array.fromAsync(otelcol.received(), lineOf),
        async restart() {
          await otelcol.stop(random() < 0.5 ? 'SIGKILL' : 'SIGTERM')
          await otelcol.start()
        },
      },
      milliseconds,
      restarts: 3,
      seed,
    })
    const { faults, ...figures } = result
    keepResult(`${name}-faults`, { full, seed, milliseconds, ...figures })
    expect(result).toMatchObject({ missing: 0, foreign: 0, agentRestarts: 3 })
    if (result.duplicates > 0) expect(result.lostAnswers).toBeGreaterThan(0)
    expect(Object.keys(faults).length).toBeGreaterThan(4)
  },
)
