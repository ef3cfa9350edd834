// Addresses told by their bytes: never one that the general path takes in another way.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAddressReader } from '../../../src/normalise/compile/address.ts'
import { addressClass } from '../../../src/normalise/stencil/address-class.ts'
import { alone } from '../../../src/normalise/stencil/slot-class.ts'

const classOf = (text: string): number => {
  const bytes = Buffer.from(`"${text}"`)
  return addressClass.of(bytes, 1, bytes.length - 1)
}
const address = 0
const none = 1

test.each([
  '10.0.0.1',
  '255.255.255.255',
  '0.0.0.0',
  '::',
  '::1',
  '2001:db8::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
  'FE80::ABCD',
  '::ffff:10.0.0.1',
  '1:2:3:4:5:6:7.8.9.10',
  '::1:2:3:4:5:1.2.3.4',
])('%s is an address', (text) => {
  expect(classOf(text)).toBe(address)
})

test.each([
  'unknown',
  'db.example.com',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.4.',
  '1..2.3',
  ' 1.2.3.4',
  'é',
  '1',
])('%s is none', (text) => {
  expect(classOf(text)).toBe(none)
})

test.each([
  '',
  '10.0.0.1:443',
  '[::1]:443',
  '10.0.0.1, 10.0.0.2',
  'fe80::1%eth0',
  'a\\u003ab',
  ':::',
  'localhost:80',
])('%j decides by itself', (text) => {
  expect(classOf(text)).toBe(alone)
})

const piece = fc.constantFrom(
  ':',
  '::',
  '.',
  '0',
  '1',
  '25',
  '255',
  '256',
  'f',
  'ffff',
  'ABCD',
  '12345',
  'g',
  '1.2.3.4',
  '[',
  ']',
  ':443',
  ', ',
  '%eth0',
  'unknown',
  'é',
  ' ',
)
const texts = fc.oneof(
  { weight: 3, arbitrary: fc.array(piece, { minLength: 1, maxLength: 16 }).map((pieces) => pieces.join('')) },
  fc.ipV4(),
  fc.ipV6(),
  fc.tuple(fc.ipV6(), fc.nat(40), piece).map(([text, at, one]) => text.slice(0, at) + one + text.slice(at)),
)

test('whatever the text, its class is what the general path makes of it', () => {
  const seen = { [alone]: 0, [address]: 0, [none]: 0 }
  const reader = createAddressReader()
  fc.assert(
    fc.property(texts, (text) => {
      const found = classOf(text) as keyof typeof seen
      seen[found]++
      const read = reader.read(text)
      if (found === address) expect([read, reader.port, reader.chain]).toEqual([text, undefined, undefined])
      if (found === none) expect(read).toBeUndefined()
      // What is written in the two usual forms is never left to the general path.
      if (read === text && !text.includes('%') && reader.chain === undefined) expect(found).toBe(address)
    }),
    { numRuns: 5000 },
  )
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
})
