import { systemClock } from '../../../src/clock.ts'
import { otlpSinkConfig } from '../../../src/sinks/otlp/config.ts'
import { createOtlpSink } from '../../../src/sinks/otlp/index.ts'
import type { Sink } from '../../../src/sinks/sink.ts'

export function otlpSink(config: Record<string, unknown>): Sink {
  const parsed = otlpSinkConfig.parse({ type: 'otlp', ...config })
  return createOtlpSink({ name: 'collector', config: parsed, clock: systemClock })
}
