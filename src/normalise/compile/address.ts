/**
 * Reads who called from what is written of it: an address of IP, one with a port, or a list as proxies make it
 * (X-Forwarded-For), whose first is the client. Anything else is none: a name, `unknown`, an address with a number too many.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net'

interface Endpoint {
  readonly address: string
  readonly port: number | undefined
}

export interface AddressReader {
  /** The address, undefined where there is none. Sets the others. */
  read(value: unknown): string | undefined
  /** What stood behind the address. */
  port: number | undefined
  /** All of the list, as its parts were written. */
  chain: readonly string[] | undefined
  /** Whether a port and a list that an event has say all that stood beside the address that was read last. */
  isTold(port: unknown, chain: unknown): boolean
}

export function createAddressReader(): AddressReader {
  const reader: AddressReader = {
    port: undefined,
    chain: undefined,
    read(value) {
      reader.port = undefined
      reader.chain = undefined
      if (typeof value !== 'string') return undefined
      if (isIP(value) !== 0) return value
      const parts = value.includes(',') ? partsOf(value) : undefined
      const first = parts === undefined ? endpointOf(value) : partsAreHops(parts) && endpointOf(parts[0]!)
      if (!first) return undefined
      reader.port = first.port
      reader.chain = parts
      return first.address
    },
    isTold: (port, chain) =>
      reader.chain === undefined
        ? reader.port === undefined || reader.port === port
        : isSame(reader.chain, chain),
  }
  return reader
}

const partsOf = (text: string): string[] => text.split(',').flatMap((part) => part.trim() || [])

/** A proxy that does not know who called it says so. */
const partsAreHops = (parts: readonly string[]): boolean =>
  parts.length > 0 && parts.every((part) => part === 'unknown' || endpointOf(part) !== undefined)

const withPort = /^(?:\[([^[\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/

function endpointOf(text: string): Endpoint | undefined {
  if (isIP(text) !== 0) return { address: text, port: undefined }
  const [, six, four, digits] = withPort.exec(text) ?? []
  const address = six ?? four
  const port = digits === undefined ? undefined : Number(digits)
  if (address === undefined || (port !== undefined && port > 65_535)) return undefined
  return (six === undefined ? isIPv4(address) : isIPv6(address)) ? { address, port } : undefined
}

const isSame = (one: readonly string[], other: unknown): boolean =>
  Array.isArray(other) && other.length === one.length && one.every((part, i) => part === other[i])
