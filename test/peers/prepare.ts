// Builds and fetches what the tests of peers need and do not find installed; it takes minutes the first time.
import { buildOtelcol } from './otelcol/build.ts'
import { buildOtelcolClient } from './otelcol/client.ts'
import { go } from './sdks/go.ts'
import { java } from './sdks/java.ts'
import { python } from './sdks/python.ts'

const all = [
  { what: 'the OpenTelemetry Collector', prepare: buildOtelcol },
  { what: 'the OpenTelemetry Collector as client', prepare: buildOtelcolClient },
  ...[python, go, java].map(({ language, prepare }) => ({ what: `the SDK for ${language}`, prepare })),
]
for (const { what, prepare } of all) {
  const start = performance.now()
  await prepare()
  process.stdout.write(`${what}: after ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
}
