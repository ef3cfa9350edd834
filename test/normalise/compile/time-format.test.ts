// Times as sources write them: what is read, what has to be assumed for it, and what no calendar has.
import { describe, expect, test } from 'vitest'
import { createTimeReader } from '../../../src/normalise/compile/time-format.ts'

const observed = Date.UTC(2026, 10, 23, 12)

const read = (value: unknown, format: string | readonly string[] = 'auto', zone?: string, at = observed) => {
  const reader = createTimeReader(typeof format === 'string' ? [format] : format, zone)
  const time = reader.read(value, at)
  return time === undefined ? undefined : [time, reader.assumed].filter((each) => each !== undefined)
}

describe('auto', () => {
  test.each([
    ['RFC 3339', '2026-11-23T11:00:00+01:00', '2026-11-23T10:00:00.000000000Z'],
    [
      'seven digits of fraction, as Azure writes them',
      '2026-11-23T10:00:00.1234567Z',
      '2026-11-23T10:00:00.123456700Z',
    ],
    ['more than nine digits, cut off', '2026-11-23T10:00:00.1234567899Z', '2026-11-23T10:00:00.123456789Z'],
    [
      'an offset without a colon, as MongoDB writes it',
      '2026-11-23T10:00:00.123+0000',
      '2026-11-23T10:00:00.123000000Z',
    ],
    [
      'an offset of hours, as PostgreSQL writes it',
      '2026-11-23 10:00:00.123 +03',
      '2026-11-23T07:00:00.123000000Z',
    ],
    ['UTC by name', '2026-11-23 10:00:00.123 UTC', '2026-11-23T10:00:00.123000000Z'],
    ['a comma before the fraction', '2026-11-23 10:00:00,5Z', '2026-11-23T10:00:00.500000000Z'],
    ['slashes', '2026/11/23 10:00:00 GMT', '2026-11-23T10:00:00.000000000Z'],
    ['unix seconds', 1_795_428_000, '2026-11-23T10:00:00.000000000Z'],
    ['unix seconds with a fraction', 1_795_428_000.25, '2026-11-23T10:00:00.250000000Z'],
    ['unix milliseconds', 1_795_428_000_001, '2026-11-23T10:00:00.001000000Z'],
    ['unix microseconds', 1_795_428_000_000_001, '2026-11-23T10:00:00.000001000Z'],
    ['unix nanoseconds as text', '1795428000000000001', '2026-11-23T10:00:00.000000001Z'],
    ['unix seconds as text, with a fraction', '1795428000.123456789', '2026-11-23T10:00:00.123456789Z'],
  ])('%s', (_, value, time) => {
    expect(read(value)).toEqual([time])
  })

  test.each(['+24:00', '-24:00', '+2400', '+24', '+10:60', ' +99'])('there is no offset %s', (offset) => {
    expect(read(`2026-11-23T10:00:00${offset}`)).toBeUndefined()
    expect(read(`2026-11-23 10:00:00 ${offset.trim()}`, '%Y-%m-%d %H:%M:%S %z')).toBeUndefined()
    expect(read('2026-11-23T10:00:00+23:59')).toEqual(['2026-11-22T10:01:00.000000000Z'])
  })

  test('without an offset UTC is assumed and told, unless a zone is configured', () => {
    const utc = ['2026-11-23T10:00:00.000000000Z', 'no offset, read as UTC']
    expect(read('2026-11-23 10:00:00')).toEqual(utc)
    expect(read('2026-11-23 10:00:00 CET')).toEqual(utc)
    expect(read('2026-11-23 10:00:00 CET', 'auto', 'Europe/Berlin')).toEqual([
      '2026-11-23T09:00:00.000000000Z',
    ])
  })

  test.each([
    'yesterday',
    '',
    '2026-02-30T10:00:00Z',
    '2026-02-30 10:00:00',
    '2026-11-23',
    '2026-11/23 10:00:00',
    '1795428',
    12,
    Number.NaN,
    1e30,
    true,
    null,
    { time: 1 },
  ])('%j is none', (value) => {
    expect(read(value)).toBeUndefined()
  })
})

describe('unix times of a named unit', () => {
  test.each([
    ['unix_s', 0, '1970-01-01T00:00:00.000000000Z'],
    ['unix_s', -1.5, '1969-12-31T23:59:58.500000000Z'],
    ['unix_s', '1795428000.5', '2026-11-23T10:00:00.500000000Z'],
    ['unix_ms', 1.5, '1970-01-01T00:00:00.001500000Z'],
    ['unix_us', '1795428000000001.25', '2026-11-23T10:00:00.000001250Z'],
    ['unix_ns', '1795428000000000001', '2026-11-23T10:00:00.000000001Z'],
  ])('%s %s', (format, value, time) => {
    expect(read(value, format)).toEqual([time])
  })

  test('out of the years that four digits can say', () => {
    expect(read(1e15, 'unix_s')).toBeUndefined()
    expect(read('99999999999999999999', 'unix_s')).toBeUndefined()
  })
})

describe('patterns', () => {
  test.each([
    ['%d/%b/%Y:%H:%M:%S %z', '23/Nov/2026:12:00:00 +0100', '2026-11-23T11:00:00.000000000Z'],
    ['%a, %d %b %Y %H:%M:%S %Z', 'Mon, 23 Nov 2026 11:00:00 GMT', '2026-11-23T11:00:00.000000000Z'],
    ['%Y-%m-%d %H:%M:%S.%f %Z', '2026-11-23 11:00:00.123 UTC', '2026-11-23T11:00:00.123000000Z'],
    ['%m/%d/%y %I:%M %p %z', '11/23/26 01:05 PM Z', '2026-11-23T13:05:00.000000000Z'],
    ['%m/%d/%Y %I:%M:%S %p %z', '1/2/2026 12:00:01 AM +00', '2026-01-02T00:00:01.000000000Z'],
    ['100%% %Y%m%d%H%M%S%z', '100% 20261123110000Z', '2026-11-23T11:00:00.000000000Z'],
  ])('%s', (format, value, time) => {
    expect(read(value, format)).toEqual([time])
  })

  test('two digits of a year: 69 to 99 are the 1900s, 00 to 68 the 2000s', () => {
    expect(read('01.02.69 Z', '%d.%m.%y %z')).toEqual(['1969-02-01T00:00:00.000000000Z'])
    expect(read('01.02.68 Z', '%d.%m.%y %z')).toEqual(['2068-02-01T00:00:00.000000000Z'])
  })

  test('several are tried in order', () => {
    const formats = ['%b %e %H:%M:%S %z', 'unix_ms', 'rfc3339']
    expect(read('1795428000001', formats)).toEqual(['2026-11-23T10:00:00.001000000Z'])
    expect(read('2026-11-23T10:00:00Z', formats)).toEqual(['2026-11-23T10:00:00.000000000Z'])
    expect(read('2026-11-23 10:00:00', formats)).toBeUndefined()
  })

  test('what no calendar or clock has is none', () => {
    for (const value of ['31.04.2026 Z', '29.02.2026 Z', '00.01.2026 Z', '01.13.2026 Z', '01.01.2026 Z!']) {
      expect(read(value, '%d.%m.%Y %z')).toBeUndefined()
    }
  })

  test('a leap second is the second behind it', () => {
    expect(read('2016-12-31 23:59:60 Z', '%Y-%m-%d %H:%M:%S %z')).toEqual(['2017-01-01T00:00:00.000000000Z'])
    expect(read('2016-12-31 23:58:60 Z', '%Y-%m-%d %H:%M:%S %z')).toBeUndefined()
  })
})

describe('without a year, as syslog writes it', () => {
  const format = '%b %e %H:%M:%S'
  const utc = (year: number, month: number, day: number, hour = 12) => Date.UTC(year, month - 1, day, hour)

  test.each<[string, string, number, string]>([
    ['today', 'Nov 23 10:00:00', observed, '2026-11-23T10:00:00.000000000Z'],
    ['later in the year than it can be', 'Dec 24 10:00:00', observed, '2025-12-24T10:00:00.000000000Z'],
    [
      'last year, read after New Year',
      'Dec 31 23:59:59',
      utc(2027, 1, 1, 0),
      '2026-12-31T23:59:59.000000000Z',
    ],
    [
      'this year, read by a clock that is behind',
      'Jan  1 00:00:30',
      utc(2026, 12, 31, 23),
      '2027-01-01T00:00:30.000000000Z',
    ],
    ['a leap day', 'Feb 29 10:00:00', utc(2028, 3, 1), '2028-02-29T10:00:00.000000000Z'],
    [
      'a leap day, read in another year',
      'Feb 29 10:00:00',
      utc(2027, 3, 1),
      '2024-02-29T10:00:00.000000000Z',
    ],
    ['a leap day around 2100', 'Feb 29 10:00:00', utc(2103, 3, 1), '2096-02-29T10:00:00.000000000Z'],
  ])('%s', (_, value, at, time) => {
    const year = time.slice(0, 4)
    expect(read(value, format, 'UTC', at)).toEqual([time, `no year, read as ${year}`])
  })

  test('nor a zone: both are told', () => {
    expect(read('Nov 23 10:00:00', format)).toEqual([
      '2026-11-23T10:00:00.000000000Z',
      'no year, read as 2026; no offset, read as UTC',
    ])
  })

  test('the year is that of the zone where the record was written', () => {
    expect(read('Jan  1 01:00:00', format, 'Asia/Tokyo', utc(2026, 12, 31, 17))).toEqual([
      '2026-12-31T16:00:00.000000000Z',
      'no year, read as 2027',
    ])
  })
})

describe('where clocks are changed', () => {
  test('what they showed twice is its first time, and told', () => {
    expect(read('2026-10-25 02:30:00', 'auto', 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30:00.000000000Z',
      'twice in Europe/Berlin, read as the first',
    ])
    expect(read('2026-10-25 01:59:59', 'auto', 'Europe/Berlin')).toEqual(['2026-10-24T23:59:59.000000000Z'])
    expect(read('2026-10-25 03:00:00', 'auto', 'Europe/Berlin')).toEqual(['2026-10-25T02:00:00.000000000Z'])
  })

  test('what they never showed is read as if they had not been changed, and told', () => {
    expect(read('2026-03-29 02:30:00', 'auto', 'Europe/Berlin')).toEqual([
      '2026-03-29T01:30:00.000000000Z',
      'never in Europe/Berlin, read as if its clocks had not gone forward',
    ])
    expect(read('2026-03-29 03:00:00', 'auto', 'Europe/Berlin')).toEqual(['2026-03-29T01:00:00.000000000Z'])
  })

  test('in the south, and by half an hour', () => {
    expect(read('2026-04-05 01:45:00', 'auto', 'Australia/Lord_Howe')).toEqual([
      '2026-04-04T14:45:00.000000000Z',
      'twice in Australia/Lord_Howe, read as the first',
    ])
    expect(read('2026-01-01 12:00:00', 'auto', 'Asia/Kathmandu')).toEqual(['2026-01-01T06:15:00.000000000Z'])
  })

  test('an offset in the text says which it was', () => {
    expect(read('2026-10-25 02:30:00 +0100', 'auto', 'Europe/Berlin')).toEqual([
      '2026-10-25T01:30:00.000000000Z',
    ])
  })
})
