// What becomes of events that do not say who did it: kept as dead letters, and sent when somebody says so; or refused.
import { expect, test, vi } from 'vitest'
import { AffiantProcess, configure, startAgent, WorkDirectory } from './agent-process.ts'
import { eventsIn } from './events.ts'
import { until } from './until.ts'

// Whole processes on a loaded machine: a test takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 60_000 })

async function affiant(...args: string[]) {
  await using command = new AffiantProcess(args)
  const result = await command.result()
  expect(result, result.stderr).toMatchObject({ code: 0 })
  return result.stdout
}

test('dead letters where on_missing says so, a partial success where a client waits', async () => {
  using directory = new WorkDirectory()
  const out = directory.at('out.ndjson')
  const path = { path: { template: directory.at('{service}.log'), set: { 'producer.service': 'service' } } }
  const table = directory.write('users.csv', 'id,email\nu_1,ada@acme.example\n')
  const lookup = { lookup: { file: table, key: 'actor.id', set: { 'actor.email': 'email' } } }
  const config = configure(directory, {
    receivers: {
      app: {
        type: 'file',
        include: [directory.at('*.log')],
        on_missing: 'dead_letter',
        enrich: [path, lookup],
      },
      orders: { type: 'otlp', http: { listen: '127.0.0.1:0' }, on_missing: 'reject' },
    },
    sinks: { out: { type: 'file', path: out } },
  })
  const line = (record: object) => `${JSON.stringify(record)}\n`
  directory.write(
    'a.log',
    [
      { user: 'u_1', event: 'invoice.read', resource: 'i_1', outcome: 'success' },
      { event: 'invoice.pay', resource: 'i_2', outcome: 'success' },
    ]
      .map(line)
      .join(''),
  )
  await using agent = startAgent(config)
  await agent.ready()
  const actions = () => eventsIn(out).map(({ action }) => action)
  const letters = async () => await affiant('dlq', 'show', 'out', '--events', '-c', config)
  await until('what is complete', () => actions().length === 1)
  await until(
    'the letter',
    async () => (await agent.metric('affiant_sink_dead_letters_total', '{sink="out"}')) === 1,
  )
  expect(actions()).toEqual(['invoice.read'])
  expect(eventsIn(out)[0]).toMatchObject({
    actor: { email: 'ada@acme.example' },
    producer: { service: 'a' },
    attribution: { enriched: ['producer.service', 'actor.email'] },
  })
  expect(await agent.metric('affiant_own_events_total', '{action="affiant.enrichment.loaded"}')).toBe(1)
  expect(JSON.parse(await letters())).toMatchObject({
    action: 'invoice.pay',
    log: { seq: expect.any(Number) },
  })
  // The sink was never asked.
  expect(agent.stderr).toContain('1 event(s) for sink out are kept as dead letters, and were not sent')
  expect(agent.stderr).not.toContain('sink out refused')
  expect(await affiant('dlq', 'list', '-c', config)).toContain('its attribution is incomplete: actor.id')

  await affiant('dlq', 'replay', 'out', '-c', config)
  await until('what somebody sent', () => actions().length === 2)
  expect(await letters()).toBe('')

  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const record = (...attributes: object[]) => ({
    timeUnixNano: '1764500000000000000',
    eventName: 'order.refund',
    attributes: [attribute('audit.outcome', 'success'), attribute('audit.target.id', 'o_1'), ...attributes],
  })
  const body = {
    resourceLogs: [{ scopeLogs: [{ logRecords: [record(attribute('audit.actor.id', 'u_1')), record()] }] }],
  }
  const { status, text } = await agent.postOtlp(JSON.stringify(body))
  expect(status).toBe(200)
  expect(JSON.parse(text)).toEqual({
    partialSuccess: {
      rejectedLogRecords: '1',
      errorMessage: 'not taken in: record 1 lacks actor.id',
    },
  })
  await until('what was taken in', () => actions().length === 3)
  expect(await agent.metric('affiant_receiver_rejected_total', '{receiver="orders"}')).toBe(1)
  expect(await agent.metric('affiant_receiver_complete_ratio', '{receiver="app"}')).toBe(0.5)
})
