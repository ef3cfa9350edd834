import { expect, test } from 'vitest'
import { ipv4Bits, ipv4Network } from '../../../src/attribution/enrich/ipv4.ts'

const networkOf = (text: string) => {
  const bytes = Buffer.from(`(${text})`)
  return ipv4Network(bytes, 1, bytes.length - 1)
}

test.each([
  ['0.0.0.0', 0, 0],
  ['10.1.2.3', 0x0a010203, 0x0a0102],
  ['127.0.0.1', 0x7f000001, 0x7f0000],
  ['255.255.255.255', -1, 0xffffff],
])('%s is an address', (text, bits, network) => {
  expect(ipv4Bits(text)).toBe(bits)
  expect(networkOf(text)).toBe(network)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '.1.2.3',
  '1..2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1.2.3.04',
  '1.2.3.4 ',
  '1.2.3.x',
  '1.2.3.\u0134',
  '::1',
  '0x1.2.3.4',
  '111.222.133.1444',
])('%j is none', (text) => {
  expect(ipv4Bits(text)).toBeUndefined()
  expect(networkOf(text)).toBe(-1)
})
