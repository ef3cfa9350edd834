import { systemClock } from '../../../src/clock.ts'
import type { Sink } from '../../../src/sinks/sink.ts'
import { splunkHecSinkConfig } from '../../../src/sinks/splunk_hec/config.ts'
import { createSplunkHecSink } from '../../../src/sinks/splunk_hec/index.ts'

/** A sink whose acknowledgements are asked for without delay. */
export function hecSink(config: Record<string, unknown>): Sink {
  return createSplunkHecSink({
    name: 'siem',
    config: splunkHecSinkConfig.parse({
      type: 'splunk_hec',
      token: 'secret-token',
      ack: { interval: '10ms', timeout: '300ms' },
      ...config,
    }),
    clock: systemClock,
  })
}
