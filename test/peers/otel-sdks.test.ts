/** The official OpenTelemetry SDKs of other languages, through the whole agent into the journal: all records, once and intact. */
import { deepStrictEqual } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { configure, startAgent, WorkDirectory } from '../e2e/agent-process.ts'
import { invalid } from '../e2e/events.ts'
import { exportedLines } from './exported.ts'
import { unlessMissing } from './kept.ts'
import { expectedEvent } from './sdks/expected.ts'
import { go } from './sdks/go.ts'
import { java } from './sdks/java.ts'
import { python } from './sdks/python.ts'
import { send } from './sdks/sdk.ts'

const total = 10_000
const sdks = await Promise.all(
  [python, go, java].map(async ({ language, protocols, prepare }) => ({
    language,
    protocols,
    program: await unlessMissing(`the SDK for ${language}`, prepare),
  })),
)

describe.each(sdks)('the SDK for $language', ({ protocols, program }) => {
  test.skipIf(program === undefined).for(protocols)(`%s: ${total} records`, async (protocol) => {
    using directory = new WorkDirectory()
    const listen = '127.0.0.1:0'
    const config = configure(directory, {
      receivers: { apps: { type: 'otlp', http: { listen }, grpc: { listen } } },
    })
    await using agent = startAgent(config)
    await agent.ready()
    const address = protocol === 'grpc' ? agent.otlpGrpc : agent.otlp
    await send(program!, protocol, `http://${address}`, total)
    agent.signal('SIGTERM')
    expect((await agent.ended).code).toBe(0)

    const events = (await exportedLines(config))
      .map((line) => JSON.parse(line))
      .filter(({ action }) => !action.startsWith('affiant.'))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(events).toHaveLength(total)
    for (const [n, event] of events.entries()) {
      const problem = invalid(event)
      if (problem !== undefined) throw new Error(problem)
      const { observed_time: _observed, provenance, log: _log, ...rest } = event
      // Not every SDK keeps the order of attributes.
      rest.quality.warnings.sort()
      deepStrictEqual(rest, expectedEvent(n))
      expect(provenance).toMatchObject({ receiver: 'apps', peer: { ip: '127.0.0.1' } })
    }
  })
})
