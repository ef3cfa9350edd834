// Builds and fetches what the tests of peers need and do not find installed; it takes minutes the first time.
import { buildOtelcol } from './otelcol/build.ts'
import { go } from './sdks/go.ts'
import { java } from './sdks/java.ts'
import { python } from './sdks/python.ts'

const sdks = [python, go, java].map(({ language, prepare }) => [`the SDK for ${language}`, prepare] as const)
for (const [what, prepare] of [['the OpenTelemetry Collector', buildOtelcol], ...sdks] as const) {
  const start = performance.now()
  await prepare()
  process.stdout.write(`${what}: after ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
}
