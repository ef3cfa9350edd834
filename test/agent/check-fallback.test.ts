// What a fallback has to be, beyond its schema.
import { expect, test } from 'vitest'
import { checkAgent } from '../../src/agent/check.ts'

const siem = { type: 'http', url: 'https://siem.example/audit' }
const last = { type: 'file', path: '/mnt/last.ndjson' }
const toSiem = [{ to: ['siem'] }]

const found = async (more: object, fallback: unknown = { sink: 'last' }) => {
  const findings = await checkAgent({
    agent: { fallback },
    receivers: { app: { type: 'file', include: ['/var/log/app.log'] } },
    sinks: { siem, last },
    routes: toSiem,
    ...more,
  })
  return findings.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`)
}

test('a sink without routes is none to be warned of when it is the fallback', async () => {
  expect(await found({})).toEqual([])
  expect(await found({}, null)).toEqual(['warning sinks.last: no route leads here, so it gets nothing'])
})

const wrong: [string, { readonly fallback?: object; readonly [section: string]: unknown }, RegExp][] = [
  [
    'a name that is none',
    { fallback: { sink: 'lst' } },
    /^error agent.fallback.sink: there is no sink "lst"\. Did you mean "last"\?/,
  ],
  ['the only sink', { sinks: { last }, routes: [{ to: ['last'] }] }, /^error .* last is the only sink/],
  [
    'none that is required',
    { sinks: { siem: { ...siem, required: false }, last } },
    /^warning .*: nothing is ever handed over: all other sinks/,
  ],
  [
    'everything there anyway',
    { routes: undefined },
    /^warning .*: nothing is ever handed over: without `routes`, last gets/,
  ],
]
test.each(wrong)('%s', async (_, { fallback, ...more }, message) => {
  const messages = await found(more, fallback)
  expect(messages.filter((one) => one.includes('agent.fallback'))).toEqual([expect.stringMatching(message)])
})

test('what its schema refuses says that itself', async () => {
  expect(await found({}, 'last')).toEqual(['warning sinks.last: no route leads here, so it gets nothing'])
})
