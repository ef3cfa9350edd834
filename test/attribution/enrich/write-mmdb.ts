/**
 * Writes small databases in MaxMind DB format (version 2.0), so that tests need nobody's data.
 * https://maxmind.github.io/MaxMind-DB/
 */
import { networkOf } from '../../../src/attribution/enrich/prefixes.ts'

export interface DatabaseContent {
  readonly type: string
  readonly ipVersion: 4 | 6
  /** Bits of one of a node's two records. @default 24 */
  readonly recordSize?: 24 | 28 | 32
  /** By network; a later one that lies in an earlier one takes its place there. */
  readonly networks: readonly (readonly [network: string, record: object])[]
}

type Node = [left: Slot, right: Slot]
type Slot = Node | number | undefined

export function mmdb({ type, ipVersion, recordSize = 24, networks }: DatabaseContent): Buffer {
  const root: Node = [undefined, undefined]
  const data: Buffer[] = []
  let dataBytes = 0
  for (const [network, record] of networks) {
    const { bytes, bits } = networkOf(network)!
    const isV4 = bytes.length === 4
    // IPv4 lies in the first 32 bits of an IPv6 tree's last ones: ::/96.
    const address = isV4 && ipVersion === 6 ? [...Array.from({ length: 12 }, () => 0), ...bytes] : bytes
    place(root, address, bits + (isV4 && ipVersion === 6 ? 96 : 0), dataBytes)
    const encoded = encode(record)
    data.push(encoded)
    dataBytes += encoded.length
  }
  const nodes: Node[] = []
  const number = (node: Node): void => {
    nodes.push(node)
    for (const slot of node) if (Array.isArray(slot)) number(slot)
  }
  number(root)
  const indexes = new Map(nodes.map((node, i) => [node, i]))
  const nodeBytes = recordSize / 4
  const tree = Buffer.alloc(nodes.length * nodeBytes)
  nodes.forEach((node, i) => {
    // A node, nothing, or a place in the data section.
    const records = node.map((slot) =>
      slot === undefined ? nodes.length : Array.isArray(slot) ? indexes.get(slot)! : nodes.length + 16 + slot,
    ) as [number, number]
    writeNode(tree.subarray(i * nodeBytes), recordSize, records)
  })
  const metadata = encode({
    binary_format_major_version: uint(2),
    binary_format_minor_version: uint(0),
    build_epoch: uint(1_767_225_600),
    database_type: type,
    description: { en: 'made by a test' },
    ip_version: uint(ipVersion),
    languages: ['en'],
    node_count: uint(nodes.length),
    record_size: uint(recordSize),
  })
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    ...data,
    Buffer.from('abcdef4d61784d696e642e636f6d', 'hex'),
    metadata,
  ])
}

function writeNode(node: Buffer, recordSize: number, [left, right]: readonly [number, number]): void {
  const bytes = recordSize >> 3
  const low = 2 ** (8 * bytes)
  node.writeUIntBE(left % low, 0, bytes)
  node.writeUIntBE(right % low, recordSize === 28 ? 4 : bytes, bytes)
  // The byte between both has the upper four bits of each.
  if (recordSize === 28) node[3] = (Math.floor(left / low) << 4) | Math.floor(right / low)
}

function place(root: Node, address: readonly number[], bits: number, value: number): void {
  let node = root
  for (let depth = 0; ; depth++) {
    const side = ((address[depth >> 3]! >> (7 - (depth & 7))) & 1) as 0 | 1
    if (depth === bits - 1) {
      node[side] = value
      return
    }
    const below = node[side]
    const next: Node = Array.isArray(below) ? below : [below, below]
    node[side] = next
    node = next
  }
}

/** A number that is written as uint32; others are doubles. */
class Unsigned {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

export const uint = (value: number): unknown => new Unsigned(value)

function encode(value: unknown): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([control(2, bytes.length), bytes])
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    return Buffer.concat([control(3, 8), bytes])
  }
  if (value instanceof Unsigned) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value.value)
    return Buffer.concat([control(6, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  const entries = Object.entries(value as object)
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, each]) => [encode(key), encode(each)]),
  ])
}

/** Types above 7 take a second byte; sizes below 285 are enough here. */
function control(type: number, size: number): Buffer {
  const small = Math.min(size, 29)
  const extended = type > 7
  return Buffer.from([
    ((extended ? 0 : type) << 5) | small,
    ...(extended ? [type - 7] : []),
    ...(size < 29 ? [] : [size - 29]),
  ])
}
