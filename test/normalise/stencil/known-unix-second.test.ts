// Of a known second only the fraction is read: what comes out is what reading all of it gives.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readUnix } from '../../../src/normalise/compile/unix-time.ts'
import { KnownUnixSecond } from '../../../src/normalise/stencil/known-unix-second.ts'

const textOf = (time: { readonly bytes: Uint8Array; readonly length: number } | undefined) =>
  time && Buffer.from(time.bytes.subarray(0, time.length)).toString()

const second = fc.constantFrom(
  '1795417113',
  '1795417114',
  '9999999999',
  '1000000000',
  '-179541711',
  '179541711.',
)

test.each([0, 3, 6, 9])('times whose unit has %d digits', (scale) => {
  const known = new KnownUnixSecond()
  let served = 0
  fc.assert(
    fc.property(second, fc.nat(999_999_999), fc.integer({ min: 0, max: 9 }), (seconds, fraction, digits) => {
      const text = seconds + String(fraction).padStart(9, '0').slice(0, digits)
      const bytes = Buffer.from(`"${text}"`)
      const expected = readUnix(text, scale)
      const found = textOf(known.read(bytes, 1, bytes.length - 1))
      if (found !== undefined) {
        served++
        expect(found).toBe(expected)
      } else if (expected !== undefined) known.remember(text, expected, 0)
    }),
    { numRuns: 2000 },
  )
  expect(served).toBeGreaterThan(10)
})

test('what is no digit is not read', () => {
  const known = new KnownUnixSecond()
  known.remember('1795417113123456789', readUnix('1795417113123456789', 9)!, 2)
  expect(known.kind).toBe(2)
  const read = (text: string) => textOf(known.read(Buffer.from(text), 0, text.length))
  expect(read('1795417113000000001')).toBe('2026-11-23T06:58:33.000000001Z')
  for (const other of ['179541711300000000x', '17954171130000000.1', '1795417114000000001', '1795417113']) {
    expect(read(other)).toBeUndefined()
  }
})
