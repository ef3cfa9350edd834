/** `saddr` of a SOCKADDR record: the bytes of a struct sockaddr, as the system call got or gave them. */
import { encodedBytes } from './encoded.ts'

export interface SocketAddress {
  readonly [key: string]: string
}

/** AF_* of Linux by number. */
const families: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'unix',
  2: 'inet',
  3: 'ax25',
  10: 'inet6',
  15: 'key',
  16: 'netlink',
  17: 'packet',
  29: 'can',
  31: 'bluetooth',
  38: 'alg',
  40: 'vsock',
  44: 'xdp',
}

/** What it says of the other end; `saddr` itself where that is not known. */
export function readSocketAddress(saddr: string): SocketAddress {
  const bytes = encodedBytes(saddr)
  if (bytes === undefined || bytes.length < 2) return { saddr }
  // Of the machine's byte order, of which all but s390 and old ppc are little endian.
  const isBig = bytes[0] === 0 && bytes[1] !== 0
  const number = isBig ? bytes.readUInt16BE(0) : bytes.readUInt16LE(0)
  const family = families[number] ?? String(number)
  switch (family) {
    case 'inet':
      if (bytes.length < 8) break
      return { family, address: bytes.subarray(4, 8).join('.'), port: String(bytes.readUInt16BE(2)) }
    case 'inet6':
      if (bytes.length < 24) break
      return { family, address: ipv6(bytes.subarray(8, 24)), port: String(bytes.readUInt16BE(2)) }
    case 'unix': {
      const path = unixPath(bytes.subarray(2))
      return path === '' ? { family } : { family, path }
    }
    case 'netlink':
      if (bytes.length < 8) break
      return { family, pid: String(isBig ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4)), saddr }
    case 'unspec':
      return { family }
  }
  return { family, saddr }
}

/** RFC 5952: the longest run of zeros is left out. */
function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16))
  const text = groups.join(':')
  let longest = ''
  for (const [run] of text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g))
    if (run.length > longest.length) longest = run
  if (longest === '') return text
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`))
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`
}

/** Up to its NUL; a name without a file (an abstract one) begins with one, which is written as `@`. */
function unixPath(bytes: Buffer): string {
  const isAbstract = bytes[0] === 0 && bytes.length > 1 && bytes[1] !== 0
  const from = isAbstract ? 1 : 0
  const end = bytes.indexOf(0, from)
  const path = bytes.toString('utf8', from, end < 0 ? bytes.length : end)
  return isAbstract ? `@${path}` : path
}
