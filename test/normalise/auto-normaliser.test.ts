// `preset: auto`: the preset of what the records are, and events that say which.
import { describe, expect, test } from 'vitest'
import { marksOf } from '../../src/event/record-marks.ts'
import { compileNormaliser, type InlineNormaliser } from '../../src/normalise/normaliser.ts'
import { findPreset, presetNames } from '../../src/normalise/presets.ts'
import { eventsOf, invalid, lines, observed, spec, stream } from './normalising.ts'

const auto = () => compileNormaliser(spec({ preset: 'auto' }))
const kubernetes = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Event',
  auditID: 'a-1',
  verb: 'get',
  user: { username: 'ada' },
}
const shop = { user: 'u_1', event: 'order.read' }
const text = (...records: unknown[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`

describe('lines', () => {
  test('of a stream that was looked at', () => {
    const bytes = new Uint8Array(Buffer.from(text(shop)))
    const batch = auto().lines({ stream: { ...stream, preset: 'plain' }, bytes, offset: 0, observed })
    expect(eventsOf(batch)).toMatchObject([
      { message: JSON.stringify(shop), provenance: { preset: 'plain' } },
    ])
  })

  test('of one that was not', () => {
    const normaliser = auto()
    const first = eventsOf(lines(normaliser, text(kubernetes)))
    expect(first).toMatchObject([
      { actor: { id: 'ada' }, action: 'k8s:get', provenance: { preset: 'kubernetes' } },
    ])
    expect(invalid(first[0]!)).toBeUndefined()
    expect(eventsOf(lines(normaliser, text(shop)))).toMatchObject([
      { actor: { id: 'u_1' }, provenance: { preset: 'json' } },
    ])
  })

  test('stencils serve them, and write the same', () => {
    const normaliser = auto()
    const general = compileNormaliser(spec({ preset: 'auto' }), { stencils: false })
    const many = text(...Array.from({ length: 400 }, (_, n) => ({ ...shop, user: `u_${n}` })))
    const made = lines(normaliser, many)
    expect(normaliser.served).toBeGreaterThan(100)
    expect(Buffer.from(made.payload).equals(Buffer.from(lines(general, many).payload))).toBe(true)
  })

  test('a preset that is named says nothing', () => {
    const [event] = eventsOf(lines(compileNormaliser(spec({ preset: 'json' })), text(shop)))
    expect(event!.provenance).not.toHaveProperty('preset')
  })
})

describe('what is none of the preset that a stream was found to be of', () => {
  const warning = (preset: string) =>
    `meets no mark of preset ${preset}, which auto chose by the first records of its stream`
  const within = (preset: string, normaliser: InlineNormaliser, ...records: unknown[]) =>
    normaliser.lines({
      stream: { ...stream, preset },
      bytes: new Uint8Array(Buffer.from(text(...records))),
      offset: 0,
      observed,
    })
  const other = { level: 'info', msg: 'started', n: 1 }

  test('is told of, and kept', () => {
    const events = eventsOf(within('kubernetes', auto(), kubernetes, other, { ...other, kind: 'Event' }))
    expect(events.map(({ quality }) => quality)).toEqual([
      { parse: 'ok' },
      { parse: 'ok', warnings: [warning('kubernetes')] },
      { parse: 'ok', warnings: [warning('kubernetes')] },
    ])
    expect(events[1]).toMatchObject({ action: 'unknown', unmapped: { msg: 'started' } })
    for (const event of events) expect(invalid(event)).toBeUndefined()
  })

  test('what meets a mark is not, though it lacks an action', () => {
    const bare = { apiVersion: 'audit.k8s.io/v1', kind: 'Event' }
    expect(eventsOf(within('kubernetes', auto(), bare))).toMatchObject([
      { action: 'unknown', quality: { parse: 'ok' } },
    ])
    const trail = { Records: [{ eventSource: 's3', eventName: 'Get' }, { note: 'no event' }] }
    const [, second] = eventsOf(within('cloudtrail', auto(), trail))
    expect(second).toMatchObject({ action: 'unknown', quality: { parse: 'ok' } })
  })

  test('every preset with marks tells of it, or cannot read it', () => {
    const marked = presetNames().filter((name) => findPreset(name)?.detect !== undefined)
    expect(marked.length).toBeGreaterThan(15)
    const silent = marked.filter((preset) => {
      const [event] = eventsOf(within(preset, auto(), other))
      const { parse, warnings } = event!.quality as { parse: string; warnings?: string[] }
      return parse === 'ok' && warnings?.includes(warning(preset)) !== true
    })
    // Whatever its server logs as JSON is a line of Keycloak's log.
    expect(silent).toEqual(['keycloak'])
  })

  test.each(['json', 'plain'])('%s takes any record', (preset) => {
    const [event] = eventsOf(within(preset, auto(), other))
    expect(event!.quality).toEqual({ parse: 'ok' })
  })

  test('a preset that was named says nothing', () => {
    const [event] = eventsOf(lines(compileNormaliser(spec({ preset: 'kubernetes' })), text(other)))
    expect(event!.quality).toEqual({ parse: 'ok' })
  })

  test('stencils write the same, whatever decides about it', () => {
    // Lines of one shape: a value that the mapping does not read is the mark of some.
    const records = Array.from({ length: 1200 }, (_, n) =>
      n % 3 === 0
        ? { ...kubernetes, auditID: `a-${n}` }
        : { apiVersion: n % 2 ? 'audit.k8s.io/v1' : 'v1', n },
    )
    const quick = auto()
    const made = within('kubernetes', quick, ...records)
    const general = compileNormaliser(spec({ preset: 'auto' }), { stencils: false })
    expect(
      Buffer.from(made.payload).equals(Buffer.from(within('kubernetes', general, ...records).payload)),
    ).toBe(true)
    expect(quick.served).toBeGreaterThan(300)
    const told = eventsOf(made).filter(({ quality }) => (quality as { warnings?: [] }).warnings !== undefined)
    expect(told).toHaveLength(400)
  })
})

describe('log records', () => {
  const around = { timestamp: '1795417113120000000', resource: { 'service.name': 'apiserver' } }
  const records = [
    { ...around, body: kubernetes },
    { ...around, body: JSON.stringify(kubernetes), attributes: { 'log.file.name': 'audit.log' } },
    { ...around, body: 'starting up' },
    { ...around, attributes: kubernetes, body: 'an audit event' },
    { ...around, body: shop },
  ]

  function run(raw: 'none' | 'full' = 'none') {
    const batch = compileNormaliser(spec({ preset: 'auto' }, { raw })).records({
      stream,
      records: records.map((value, i) => ({ value, id: { uid: `r-${i}`, producer: 'apiserver' } })),
      index: 7,
      observed,
      peer: { ip: '10.0.0.1' },
    })
    return { batch, events: eventsOf(batch) }
  }

  test('each is what it carries', () => {
    const { batch, events } = run()
    expect(batch).toMatchObject({ count: 5, records: 5 })
    expect(batch.lengths).toHaveLength(5)
    for (const event of events) expect(invalid(event)).toBeUndefined()
    expect(events.map(({ provenance }) => provenance)).toMatchObject(
      ['kubernetes', 'kubernetes', 'otlp', 'kubernetes', 'otlp'].map((preset, i) => ({
        preset,
        index: 7 + i,
      })),
    )
    expect(events[1]).toMatchObject({
      actor: { id: 'ada' },
      metadata: { envelope: { ...around, attributes: { 'log.file.name': 'audit.log' } } },
    })
    expect(events[3]!.metadata).toMatchObject({ envelope: { ...around, body: 'an audit event' } })
    expect(events[4]).toMatchObject({ actor: { id: 'u_1' }, producer: { product: 'apiserver' } })
    expect(new Set(events.map(({ id }) => id)).size).toBe(5)
  })

  test('who was rejected, and where events begin, is told of the whole chunk', () => {
    const normaliser = compileNormaliser(
      spec(
        { preset: 'auto' },
        { require: { default: ['actor.id'] }, onMissing: 'reject', select: '!has(record.skip)' },
      ),
    )
    const values = [...records, { ...around, body: { ...kubernetes, skip: true } }, records[0]!, records[2]!]
    const marks = marksOf([{ record: 0, key: '', content: '' }])
    const given = { stream, records: values.map((value) => ({ value })), index: 0, observed }
    const batch = normaliser.records({ ...given, marks })
    expect(batch.rejected.map(({ index }) => index)).toEqual([2, 7])
    expect([...batch.firstEvents!]).toEqual([0, 1, -1, 2, 3, -1, 4, -1])
    expect(batch).toMatchObject({ count: 5, skipped: 1, records: 8 })
    expect(normaliser.records(given).firstEvents).toBeUndefined()
  })

  test('the raw record is all of it', () => {
    const { batch } = run('full')
    const raw = Buffer.from(batch.raw).toString()
    expect(raw).toBe(records.map((record) => JSON.stringify(record)).join(''))
    expect([...batch.rawLengths]).toEqual(records.map((record) => JSON.stringify(record).length))
  })

  test('several in one body: the first keeps what was around them all', () => {
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [kubernetes, kubernetes] }
    const chunk = { stream, records: [{ value: { ...around, body: list } }], index: 0, observed }
    const events = eventsOf(auto().records(chunk))
    expect(events).toMatchObject([
      { metadata: { envelope: { kind: 'EventList', ...around } } },
      { action: 'k8s:get' },
    ])
    expect(events[1]!.metadata ?? {}).not.toHaveProperty('envelope')
  })
})

test('what is wrong with the rest of the specification shows at once', () => {
  expect(() => compileNormaliser(spec({ preset: 'auto' }, { select: 'record.' }))).toThrow(
    'the syntax is wrong',
  )
})

test('what a log record carries has its time where it says none itself', () => {
  const times = (body: unknown, timestamp: string) => {
    const value = { timestamp, resource: {}, attributes: {}, body }
    const [event] = eventsOf(auto().records({ stream, records: [{ value }], index: 0, observed }))
    return { time: event!.time, time_source: event!.time_source }
  }
  expect(times(kubernetes, '1795431600000000001')).toEqual({
    time: '2026-11-23T11:00:00.000000001Z',
    time_source: 'event',
  })
  const said = '2026-11-23T09:00:00.000000Z'
  expect(
    times({ ...kubernetes, stageTimestamp: said, requestReceivedTimestamp: said }, '1795431600000000001')
      .time,
  ).toBe('2026-11-23T09:00:00.000000000Z')
  expect(times(kubernetes, 'none').time_source).toBe('observed')
})

describe('messages of syslog', () => {
  const one = (text: string) =>
    eventsOf(auto().records({ stream, records: [{ text }], index: 0, observed }))[0]!
  const header = '<134>Nov 23 10:00:00 web-1 '

  test('what a preset knows in one is mapped by it, and the header stood around it', () => {
    const line = '10.0.0.1 - ada [01/Mar/2026:10:00:00 +0000] "GET /orders/7 HTTP/1.1" 200 5 "-" "curl"'
    const event = one(`${header}nginx: ${line}`)
    expect(event).toMatchObject({
      actor: { id: 'ada' },
      metadata: { envelope: { hostname: 'web-1', app_name: 'nginx', facility: 'local0' } },
      provenance: { preset: 'nginx' },
    })
    expect(invalid(event)).toBeUndefined()
    expect(one(`<134>1 2026-11-23T10:00:00Z m - - - - ${JSON.stringify(kubernetes)}`)).toMatchObject({
      action: 'k8s:get',
      provenance: { preset: 'kubernetes' },
    })
  })

  test('where it says no time, the header does', () => {
    const {
      requestReceivedTimestamp: _,
      stageTimestamp: __,
      ...timeless
    } = kubernetes as Record<string, unknown>
    expect(one(`<134>1 2026-11-23T11:00:00.5+01:00 m - - - - ${JSON.stringify(timeless)}`)).toMatchObject({
      time: '2026-11-23T10:00:00.500000000Z',
      time_source: 'event',
      provenance: { preset: 'kubernetes' },
    })
  })

  test('any other is one of syslog', () => {
    const event = one(`${header}cron[7]: job done`)
    expect(event).toMatchObject({ message: 'job done', provenance: { preset: 'syslog' } })
    expect(invalid(event)).toBeUndefined()
    expect(one(`${header}shop: ${JSON.stringify(shop)}`)).toMatchObject({
      actor: { id: 'u_1' },
      producer: { host: 'web-1', service: 'shop' },
      provenance: { preset: 'syslog' },
    })
  })
})
