// Times in mappings: whose zone counts, what the event says of an assumption, and of a clock that is wrong.
import { describe, expect, test } from 'vitest'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, lines, mapOne, observed, spec } from './normalising.ts'

const event = (mapping: object, record: object, more: Parameters<typeof mapOne>[2] = {}) => {
  const made = mapOne(mapping, record, more)
  expect(invalid(made)).toBeUndefined()
  return made
}

describe('the zone of times without an offset', () => {
  const record = { ts: '2026-07-01 12:00:00', since: '2026-07-01 12:00:00' }
  const at = (mapping: object, zone?: string) => event(mapping, record, zone === undefined ? {} : { zone })

  test("is the value's, else the mapping's, else the receiver's", () => {
    const value = { path: 'ts', zone: 'Asia/Tokyo' }
    expect(at({ zone: 'Europe/Berlin', time: value }, 'America/New_York').time).toBe(
      '2026-07-01T03:00:00.000000000Z',
    )
    expect(at({ zone: 'Europe/Berlin', time: 'ts' }, 'America/New_York').time).toBe(
      '2026-07-01T10:00:00.000000000Z',
    )
    expect(at({ time: 'ts' }, 'America/New_York').time).toBe('2026-07-01T16:00:00.000000000Z')
  })

  test('that is known is no assumption', () => {
    expect(at({ zone: 'Europe/Berlin', time: 'ts' })).toMatchObject({
      original_time: '2026-07-01 12:00:00',
      quality: { parse: 'ok' },
      time_source: 'event',
    })
    expect(at({ zone: 'Europe/Berlin', time: 'ts' }).quality).not.toHaveProperty('warnings')
  })

  test('that is assumed is a warning, and the time is inferred', () => {
    expect(
      at({ time: 'ts', 'session.created_time': { path: 'since', format: '%Y-%m-%d %H:%M:%S' } }),
    ).toMatchObject({
      quality: {
        warnings: ['time: no offset, read as UTC', 'session.created_time: no offset, read as UTC'],
      },
      time: '2026-07-01T12:00:00.000000000Z',
      time_source: 'inferred',
    })
  })

  test('comes with what a mapping extends', () => {
    expect(at({ extends: 'json', zone: 'Europe/Berlin' }).time).toBe('2026-07-01T10:00:00.000000000Z')
  })
})

test('a time within a text is found by a pattern', () => {
  const mapping = {
    time: { path: 'msg', match: '^\\[([^\\]]+)\\]', format: ['%d/%b/%Y:%H:%M:%S %z', 'auto'] },
    message: 'msg',
  }
  expect(event(mapping, { msg: '[23/Nov/2026:11:00:00 +0100] hello' })).toMatchObject({
    message: '[23/Nov/2026:11:00:00 +0100] hello',
    original_time: '23/Nov/2026:11:00:00 +0100',
    time: '2026-11-23T10:00:00.000000000Z',
  })
  expect(event(mapping, { msg: '[2026-11-23T11:00:00Z] hello' }).time).toBe('2026-11-23T11:00:00.000000000Z')
})

test('a year that is assumed is a warning, and the time is inferred', () => {
  expect(
    event({ time: { path: 'ts', format: '%b %e %H:%M:%S', zone: 'UTC' } }, { ts: 'Nov  3 01:02:03' }),
  ).toMatchObject({
    original_time: 'Nov  3 01:02:03',
    quality: { warnings: ['time: no year, read as 2026'] },
    time: '2026-11-03T01:02:03.000000000Z',
    time_source: 'inferred',
  })
})

describe('a clock that is ahead', () => {
  const warning = 'time: more than 5 minutes ahead of when it was read, a clock or a zone is wrong'
  const lineAt = (milliseconds: number, n = 0) =>
    JSON.stringify({ ts: new Date(milliseconds).toISOString(), event: 'a.read', user: 'u', n })

  test('by more than five minutes is a warning', () => {
    const mapping = { time: 'ts' }
    expect(event(mapping, { ts: new Date(observed + 300_000).toISOString() }).quality).toEqual({
      parse: 'ok',
    })
    expect(event(mapping, { ts: new Date(observed + 300_001).toISOString() })).toMatchObject({
      quality: { parse: 'ok', warnings: [warning] },
      time_source: 'event',
    })
  })

  test('is noticed in lines that take the short way, too', () => {
    const normaliser = compileNormaliser(spec({ preset: 'json' }))
    const text = Array.from(
      { length: 40 },
      (_, n) => `${lineAt(observed + (n % 10 === 9 ? 400_000 : -n), n)}\n`,
    )
    for (const event of eventsOf(lines(normaliser, text.join('')))) {
      const n = (event.unmapped as { n: number }).n
      expect(event.quality).toEqual(n % 10 === 9 ? { parse: 'ok', warnings: [warning] } : { parse: 'ok' })
    }
    expect(normaliser.served).toBeGreaterThan(20)
  })
})

describe('a value that does not fit its member is told of by member and path, never by what it is', () => {
  test.each<[string, object, object, string]>([
    [
      'a time',
      { time: ['when', 'ts'] },
      { ts: 'secret' },
      'time: the value at ts is no time that can be read',
    ],
    [
      'a word',
      { operation: 'op' },
      { op: 'secret' },
      'operation: the value at op is none of create, read, update',
    ],
    [
      'a port',
      { 'source.port': 'p' },
      { p: 'secret' },
      'source.port: the value at p is no whole number from 0 to 65535',
    ],
    [
      'a number',
      { 'source.geo.latitude': 'l' },
      { l: 'secret' },
      'source.geo.latitude: the value at l is no number',
    ],
    [
      'a truth',
      { 'credential.mfa': 'm' },
      { m: 'secret' },
      'credential.mfa: the value at m is neither true nor false',
    ],
    [
      'a part of a text',
      { severity: { path: 's', match: '^level=(.*)' } },
      { s: 'level=secret' },
      'severity: the value at s is no whole number from 1 to 24',
    ],
    [
      'an element of a list',
      { delegation: [{ each: 'chain', id: 'who', mechanism: 'how' }] },
      { chain: [{ who: 'a', how: 'secret' }] },
      'delegation.mechanism: the value at how is none of',
    ],
  ])('%s', (_, mapping, record, warning) => {
    const made = event(mapping, record)
    const { warnings } = made.quality as { warnings: string[] }
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(warning)
    expect(JSON.stringify(warnings)).not.toContain('secret')
    expect(JSON.stringify(made.unmapped)).toContain('secret')
  })

  test('what is absent, is not asked for, or has another way to a value is not told of', () => {
    for (const [mapping, record] of [
      [{ time: ['a', 'b'] }, { a: 'never', b: '2026-11-23T10:00:00Z' }],
      [{ operation: { path: 'op', default: 'read' } }, { op: 'x' }],
      [{ 'source.port': 'p' }, { p: null }],
      [{ 'source.port': { path: 'p', if: 'q' } }, { p: 'x' }],
      [{ operation: { path: 'op', table: { a: 'read' } } }, { op: 'b' }],
      [{ severity: { path: 's', match: '^level=(.*)' } }, { s: 'none' }],
    ]) {
      expect(event(mapping!, record!).quality).toEqual({ parse: 'ok' })
    }
  })
})
