import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTime, formatUnix, normaliseRfc3339 } from '../../src/event/time.ts'

describe('formatTime', () => {
  test.each([
    [0, '1970-01-01T00:00:00.000000000Z'],
    [1_763_895_600_123, '2025-11-23T11:00:00.123000000Z'],
    [-1, '1969-12-31T23:59:59.999000000Z'],
    [-62_167_219_200_000, '0000-01-01T00:00:00.000000000Z'],
    [253_402_300_799_999, '9999-12-31T23:59:59.999000000Z'],
  ])('%d', (milliseconds, text) => {
    expect(formatTime(milliseconds)).toBe(text)
  })

  test('takes fractions of a millisecond', () => {
    expect(formatTime(1500.25)).toBe('1970-01-01T00:00:01.500250000Z')
  })

  test.each([-62_167_219_200_001, 253_402_300_800_000, Number.NaN])('refuses %d', (milliseconds) => {
    expect(() => formatTime(milliseconds)).toThrow(RangeError)
  })

  test('formatUnix keeps nanoseconds, and has no time outside four digits of year', () => {
    expect(formatUnix(1_763_895_600, 1)).toBe('2025-11-23T11:00:00.000000001Z')
    expect(formatUnix(253_402_300_800, 0)).toBeUndefined()
  })
})

describe('normaliseRfc3339', () => {
  test.each([
    ['2026-11-23T11:00:00Z', '2026-11-23T11:00:00.000000000Z'],
    ['2026-11-23T11:00:00.1Z', '2026-11-23T11:00:00.100000000Z'],
    ['2026-11-23T11:00:00.123456789Z', '2026-11-23T11:00:00.123456789Z'],
    ['2026-11-23T11:00:00.1234567899Z', '2026-11-23T11:00:00.123456789Z'],
    ['2026-11-23 11:00:00.5Z', '2026-11-23T11:00:00.500000000Z'],
    ['2026-11-23t11:00:00z', '2026-11-23T11:00:00.000000000Z'],
    ['2026-11-23 11:00:00.123456789Z', '2026-11-23T11:00:00.123456789Z'],
    ['2026-11-23T11:00:00.123456789z', '2026-11-23T11:00:00.123456789Z'],
    ['2026-11-23T11:00:00+00:00', '2026-11-23T11:00:00.000000000Z'],
    ['2026-11-23T11:00:00-00:00', '2026-11-23T11:00:00.000000000Z'],
    ['2026-11-23T00:30:00.25+01:00', '2026-11-22T23:30:00.250000000Z'],
    ['2026-12-31T23:30:00-05:45', '2027-01-01T05:15:00.000000000Z'],
    ['2024-02-29T12:00:00+00:01', '2024-02-29T11:59:00.000000000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000000000Z'],
    // RFC 3339, section 5.8: leap seconds, here as unix time counts them.
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00.000000000Z'],
    ['1990-12-31T15:59:60.5-08:00', '1991-01-01T00:00:00.500000000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000000000Z'],
  ])('%s', (text, expected) => {
    expect(normaliseRfc3339(text)).toBe(expected)
  })

  test.each([
    '',
    '2026-11-23',
    '2026-11-23T11:00Z',
    '2026-11-23T11:00:00',
    '2026-11-23T11:00:00.Z',
    '2026-11-23T11:00:00,5Z',
    '2026-11-23T11:00:00Z ',
    ' 2026-11-23T11:00:00Z',
    '2026-11-23T11:00:00+0100',
    '2026-11-23T11:00:00+01',
    '2026-11-23T11:00:00+24:00',
    '2026-11-23T11:00:00+01:60',
    '2026-11-23_11:00:00Z',
    '2026/11/23T11:00:00Z',
    '2026-11-23T11.00.00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:61Z',
    '2026-01-15T23:59:60Z',
    '2026-01-31T23:58:60Z',
    '1990-12-31T23:59:60+01:00',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2026-1a-01T00:00:00Z',
    '+002026-01-01T00:00:00Z',
    '٢٠٢٦-01-01T00:00:00Z',
  ])('refuses %j', (text) => {
    expect(normaliseRfc3339(text)).toBeUndefined()
  })

  test('agrees with Date wherever Date can say it', () => {
    const date = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(date, fc.integer({ min: -1439, max: 1439 }), (utc, offset) => {
        const local = new Date(utc.getTime() + offset * 60_000).toISOString().slice(0, 23)
        const two = (n: number) => String(n).padStart(2, '0')
        const minutes = Math.abs(offset)
        const text = `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
        expect(normaliseRfc3339(text)).toBe(`${utc.toISOString().slice(0, 23)}000000Z`)
      }),
      { numRuns: 500 },
    )
  })

  test('takes no date that the calendar does not have', () => {
    const n = (max: number) => fc.integer({ min: 0, max })
    fc.assert(
      fc.property(n(9999), n(13), n(32), (year, month, day) => {
        const date = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
        const parsed = new Date(`${date}T00:00:00.000Z`)
        const real = !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === date
        expect(normaliseRfc3339(`${date}T00:00:00Z`) !== undefined).toBe(real)
      }),
      { numRuns: 2000 },
    )
  })
})
