import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { jsonSchemaOf } from '../../src/config/json-schema.ts'
import { address, duration, inUnits, name, parseDuration, parseSize, size } from '../../src/config/values.ts'

test.each([
  ['5ms', 5],
  ['1.5h', 5_400_000],
  ['0s', 0],
  ['400d', 34_560_000_000],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(duration().parse(text)).toBe(milliseconds)
})

test.each(['5', '5 s', '-1s', '1S', '1w', 's', ''])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
  expect(duration().safeParse(text).success).toBe(false)
})

test.each([
  ['1B', 1],
  ['64MiB', 67_108_864],
  ['1.5KiB', 1536],
  ['1MB', 1_000_000],
  ['1kB', 1000],
  ['10GiB', 10_737_418_240],
])('%s is %d bytes', (text, bytes) => {
  expect(size().parse(text)).toBe(bytes)
})

test.each(['1', '1M', '1 MiB', '1mib', '-1B'])('%j is no size', (text) => {
  expect(parseSize(text)).toBeUndefined()
  expect(size().safeParse(text).success).toBe(false)
})

describe('addresses', () => {
  test.each([
    ['127.0.0.1:4318', { host: '127.0.0.1', port: 4318 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ])('%s', (text, expected) => {
    expect(address().parse(text)).toEqual(expected)
  })
  test.each(['4318', ':4318', '::1:4318', 'localhost', 'localhost:65536', 'a b:1'])('%j is none', (text) => {
    expect(address().safeParse(text).success).toBe(false)
  })
})

test('names become file names and labels: nothing in them needs quoting', () => {
  const property = fc.property(fc.string(), (text) => {
    expect(name().safeParse(text).success).toBe(/^[a-z0-9][\w.-]{0,62}$/i.test(text) && !text.includes('\n'))
  })
  fc.assert(property)
})

test('numbers go back to the words they came from', () => {
  const of = (schema: z.ZodType) => jsonSchemaOf(schema).title
  expect(inUnits(of(duration()), 50)).toBe('50ms')
  expect(inUnits(of(duration()), 30_000)).toBe('30s')
  expect(inUnits(of(duration()), 86_400_000)).toBe('1d')
  expect(inUnits(of(duration()), 0)).toBe('0ms')
  expect(inUnits(of(size()), 1024 ** 2)).toBe('1MiB')
  expect(inUnits(of(size()), 1000 ** 3)).toBe('1GB')
  expect(inUnits(of(size()), 1500)).toBe('1500B')
  expect(inUnits(of(address()), 5)).toBeUndefined()
})

test('defaults show in the JSON Schema as people write them, whichever way they were given', () => {
  const schema = z.strictObject({
    a: duration().default(50),
    b: size().prefault('1MiB'),
    c: z.int().default(3),
  })
  expect(jsonSchemaOf(schema).properties).toMatchObject({
    a: { type: 'string', default: '50ms' },
    b: { type: 'string', default: '1MiB' },
    c: { type: 'integer', default: 3 },
  })
})
