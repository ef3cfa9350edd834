import { expect, test } from 'vitest'
import { wholeConfig } from '../../src/agent/config.ts'
import { changesOf, fixedIn, isSameConfig } from '../../src/agent/config-changes.ts'
import { isSameReceiver } from '../../src/agent/receiver-recipe.ts'

const agentConfig = await wholeConfig()

const written = {
  agent: { id: 'a', data_dir: 'd' },
  receivers: {
    app: { type: 'file', include: ['*.log'] },
    web: { type: 'http', listen: '127.0.0.1:1' },
  },
  sinks: { lake: { type: 'file', path: 'out' }, hook: { type: 'http', url: 'http://127.0.0.1:1' } },
}
const config = (change: Record<string, unknown> = {}) => agentConfig.parse({ ...written, ...change })
const start = config()

test('a configuration that says the same in other words has not changed', () => {
  const same = config({ agent: { data_dir: 'd', id: 'a', drain: '10s' } })
  expect(isSameConfig(start, same)).toBe(true)
  expect(changesOf(start, same)).toEqual({ added: [], changed: [], removed: [] })
})

test('components are told by name, routes that follow from sinks among them', () => {
  const { hook } = written.sinks
  const next = config({
    receivers: { web: { type: 'http', listen: '127.0.0.1:2' }, new: { type: 'syslog', tcp: {} } },
    sinks: { hook, out: { type: 'stdout' } },
    redact: [{ path: 'actor.name' }],
    agent: { id: 'a', data_dir: 'd', drain: '20s' },
  })
  expect(changesOf(start, next)).toEqual({
    added: ['receivers.new', 'sinks.out'],
    changed: ['receivers.web', 'redact', 'routes', 'agent.drain'],
    removed: ['receivers.app', 'sinks.lake'],
  })
  expect(fixedIn(start, next)).toEqual([])
})

const fixed = [
  ['agent.id', { agent: { id: 'b', data_dir: 'd' } }],
  ['agent.data_dir', { agent: { id: 'a', data_dir: 'e' } }],
  ['journal.encryption', { journal: { encryption: { keys: ['0'.repeat(64)] } } }],
] as const

test.each(fixed)('%s is read at a start only', (name, change) => {
  expect(fixedIn(start, config(change))).toEqual([name])
})

test.each([
  { agent: { id: 'a', data_dir: 'd', workers: 2, drain: '1s' } },
  { telemetry: { listen: '127.0.0.1:2', log: { level: 'debug' } } },
  { telemetry: { logs: { otlp: { endpoint: 'http://127.0.0.1:4318' } } } },
  { journal: { keep: '1h', max_size: '1GiB', commit: { max_delay: '1ms' }, compression: 'zstd' } },
  { hash_keys: [{ id: 'k', secret: '0'.repeat(64) }] },
])('%j takes effect while the agent runs', (change) => {
  expect(fixedIn(start, config(change))).toEqual([])
  expect(isSameConfig(start, config(change))).toBe(false)
})

const receivers = [
  ['http', { preset: 'auto' }, true],
  ['http', { redact: [{ path: 'actor.name' }] }, true],
  ['http', { on_missing: 'reject' }, true],
  ['http', { path: '/other' }, false],
  ['http', { listen: '127.0.0.1:2' }, false],
  ['file', { raw: 'full' }, true],
  // Lines are joined as the preset says.
  ['file', { preset: 'auto' }, false],
  ['file', { include: ['*.txt'] }, false],
] as const

test.each(receivers)('a receiver of type %s with %j goes on: %s', (type, change, goesOn) => {
  const own = type === 'http' ? { type, listen: '127.0.0.1:1' } : { type, include: ['*.log'] }
  const recipe = (more: object) => ({
    config: config({ receivers: { one: { ...own, ...more } } }).receivers.one!,
    workers: 0,
  })
  expect(isSameReceiver(recipe({}), recipe(change))).toBe(goesOn)
})
