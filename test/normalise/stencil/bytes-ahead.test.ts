import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BytesAhead } from '../../../src/normalise/stencil/bytes-ahead.ts'

test('as looking at each line would say, whatever is asked in which order', () => {
  const bytes = fc.string({ unit: fc.constantFrom('a', 'b', '=', '%'), minLength: 1, maxLength: 40 })
  const asked = fc.array(fc.tuple(fc.nat(1), fc.nat(40), fc.nat(10)), { maxLength: 12 })
  fc.assert(
    fc.property(bytes, bytes, asked, (some, others, lines) => {
      const buffers = [Buffer.from(some), Buffer.from(others)]
      const ahead = new BytesAhead('=%')
      for (const [which, start, length] of lines) {
        const buffer = buffers[which]!
        const line = buffer.toString('latin1', start, start + length)
        expect(ahead.areIn(buffer, start, Math.min(start + length, buffer.length))).toBe(/[=%]/.test(line))
      }
    }),
    { seed: 20_261_130 },
  )
})

test('the same buffer with another line in it', () => {
  const buffer = Buffer.from('aaa')
  const ahead = new BytesAhead('=')
  expect(ahead.areIn(buffer, 0, 3)).toBe(false)
  buffer.write('a=a')
  expect(ahead.areIn(buffer, 0, 3)).toBe(true)
})
