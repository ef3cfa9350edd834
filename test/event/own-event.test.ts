import { describe, expect, test } from 'vitest'
import { auditEvent } from '../../src/event/audit-event.ts'
import { canonicalize } from '../../src/event/canonical.ts'
import { encodeEvents, type OwnEvent, ownEvent } from '../../src/event/own-event.ts'

const started: OwnEvent = {
  agent: { id: 'node-1', version: '0.1.0' },
  run: '00112233445566778899aabbccddeeff',
  index: 0,
  now: 1_763_895_600_123,
  action: 'affiant.agent.started',
  operation: 'execute',
}
const opened: OwnEvent = {
  ...started,
  index: 1,
  action: 'affiant.stream.opened',
  operation: 'read',
  category: 'data',
  outcome: { result: 'failure', reason: 'gone' },
  targets: [{ id: '0123', type: 'stream' }],
  metadata: { path: '/var/log/é.log', '10': null },
  message: 'opened',
}

describe('ownEvent', () => {
  test.each([started, opened])('$action is an audit-event/1 with full attribution', (own) => {
    const event = ownEvent(own)
    expect(() => auditEvent().parse(event)).not.toThrow()
    expect(event.attribution).toEqual({ complete: true })
    expect(event.actor).toEqual({ id: 'node-1', name: 'affiant', type: 'service' })
    expect(event.provenance).toEqual({
      agent: 'node-1',
      index: own.index,
      receiver: 'affiant',
      stream: own.run,
    })
    expect(event.time).toBe('2025-11-23T11:00:00.123000000Z')
  })

  test('has the same id for the same place in the same run, another for another', () => {
    expect(ownEvent(started).id).toBe(ownEvent({ ...started, now: 1 }).id)
    expect(ownEvent(started).id).not.toBe(ownEvent(opened).id)
    expect(ownEvent(started).id).not.toBe(ownEvent({ ...started, run: 'f'.repeat(32) }).id)
  })

  test('has no members for what is not given', () => {
    const event = ownEvent({ ...started, targets: [] })
    expect(Object.keys(event)).not.toContain('targets')
    expect(Object.keys(event)).not.toContain('metadata')
    expect(Object.keys(event)).not.toContain('message')
    expect(event.outcome).toEqual({ result: 'success' })
  })
})

describe('encodeEvents', () => {
  test('makes canonical lines, their lengths in bytes, and route bits', () => {
    const events = [ownEvent(started), ownEvent(opened)]
    const batch = encodeEvents(events, 5, {
      words: 2,
      match: (event, bits) => {
        bits[1] = event.provenance.index === 1 ? 4 : 0
      },
    })
    const lines = events.map((event) => canonicalize(event))
    expect(Buffer.from(batch.payload).toString()).toBe(`${lines[0]}\n${lines[1]}\n`)
    expect([...batch.lengths]).toEqual(lines.map((line) => Buffer.byteLength(line)))
    expect([...batch.routes]).toEqual([0, 0, 0, 4])
    expect(batch).toMatchObject({ count: 2, routeWords: 2, observedMin: 5, observedMax: 5 })
    expect([...batch.rawLengths]).toEqual([0, 0])
  })

  test('an empty batch moves nothing', () => {
    const batch = encodeEvents([], 5, { words: 1, match: () => {} })
    expect(batch).toMatchObject({ count: 0 })
    expect(batch.payload.length + batch.routes.length + batch.lengths.length).toBe(0)
  })
})
