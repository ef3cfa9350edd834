/** The longest key that a text begins with, or that an address lies in. */
import ipaddr from 'ipaddr.js'

export interface Prefixes<T> {
  find(text: string): T | undefined
}

/** What went in under which key; a key that is there twice counts once, the first. */
type Entries<T> = Iterable<readonly [key: string, value: T]>

export function textPrefixes<T>(entries: Entries<T>): Prefixes<T> {
  const byKey = new Map<string, T>()
  for (const [key, value] of entries) if (!byKey.has(key)) byKey.set(key, value)
  const lengths = [...new Set(Array.from(byKey.keys(), (key) => key.length))].toSorted((a, b) => b - a)
  return {
    find(text) {
      for (const length of lengths) {
        const found = length > text.length ? undefined : byKey.get(text.slice(0, length))
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** Keys are addresses and CIDR blocks, which networkOf reads. An IPv4 address within IPv6 counts as itself. */
export function networkPrefixes<T>(entries: Iterable<readonly [Network, T]>): Prefixes<T> {
  /** By family's bytes and prefix length, longest first: what is looked up in each. */
  const tables = new Map<number, Map<number, Map<string, T>>>([
    [4, new Map()],
    [16, new Map()],
  ])
  for (const [{ bytes, bits }, value] of entries) {
    const family = tables.get(bytes.length)!
    const table = family.get(bits) ?? new Map<string, T>()
    family.set(bits, table)
    const key = masked(bytes, bits)
    if (!table.has(key)) table.set(key, value)
  }
  for (const [size, family] of tables) {
    tables.set(size, new Map([...family].toSorted(([a], [b]) => b - a)))
  }
  return {
    find(text) {
      const address = networkOf(text)
      if (address === undefined || text.includes('/')) return undefined
      for (const [bits, table] of tables.get(address.bytes.length)!) {
        const found = table.get(masked(address.bytes, bits))
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

export interface Network {
  /** 4 or 16 of them. */
  readonly bytes: readonly number[]
  /** Length of the prefix. */
  readonly bits: number
}

/** An address, or a block written as `10.0.0.0/8`; undefined when the text is neither. */
export function networkOf(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/')
  if (more.length > 0 || !(ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)))
    return undefined
  const bytes = ipaddr.process(address).toByteArray()
  const whole = bytes.length * 8
  if (length === undefined) return { bytes, bits: whole }
  // A block of IPv4 addresses that is written as IPv6: its prefix counts 96 bits more.
  const bits = /^\d{1,3}$/.test(length)
    ? Number(length) - (bytes.length === 4 && address.includes(':') ? 96 : 0)
    : -1
  return bits >= 0 && bits <= whole ? { bytes, bits } : undefined
}

function masked(bytes: readonly number[], bits: number): string {
  let key = ''
  for (let i = 0; i < bytes.length && i * 8 < bits; i++) {
    const left = bits - i * 8
    key += String.fromCharCode(left >= 8 ? bytes[i]! : bytes[i]! & (0xff << (8 - left)) & 0xff)
  }
  return key
}
