/**
 * The search tree of a database in MaxMind DB format: which record is an address's, and how many of its leading bits
 * decide that. A reader of such databases reads text after text; this one is asked for every event.
 * https://maxmind.github.io/MaxMind-DB/
 */

/** What the database's metadata says. */
interface TreeMetadata {
  readonly ipVersion: number
  readonly nodeCount: number
  /** Bits of one of a node's two records. */
  readonly recordSize: number
}

export interface Found {
  /** The same for addresses with the same record; 0 for none. */
  readonly record: number
  /** Leading bits. */
  readonly prefix: number
}

export class SearchTree {
  readonly #bytes: Uint8Array
  readonly #metadata: TreeMetadata
  /** Where IPv4 addresses begin. */
  readonly #ipv4: number

  constructor(bytes: Uint8Array, metadata: TreeMetadata) {
    this.#bytes = bytes
    this.#metadata = metadata
    let node = 0
    // In a tree of IPv6 addresses they lie in ::/96.
    if (metadata.ipVersion === 6)
      for (let depth = 0; depth < 96 && node < metadata.nodeCount; depth++) node = this.#next(node, 0)
    this.#ipv4 = node
  }

  /** @param address 32 bits */
  find(address: number): Found {
    const { nodeCount } = this.#metadata
    let node = this.#ipv4
    let prefix = 0
    for (; prefix < 32 && node < nodeCount; prefix++) node = this.#next(node, (address >>> (31 - prefix)) & 1)
    return { record: node > nodeCount ? node : 0, prefix }
  }

  /** @param address 16 bytes */
  findIpv6(address: readonly number[]): Found {
    const { nodeCount, ipVersion } = this.#metadata
    let node = ipVersion === 6 ? 0 : nodeCount
    let prefix = 0
    for (; prefix < 128 && node < nodeCount; prefix++)
      node = this.#next(node, (address[prefix >>> 3]! >>> (7 - (prefix & 7))) & 1)
    return { record: node > nodeCount ? node : 0, prefix }
  }

  /** What a node's left or right record says: another node, nothing (the number of nodes), or a place in the data. */
  #next(node: number, side: number): number {
    const bytes = this.#bytes
    switch (this.#metadata.recordSize) {
      case 24: {
        const at = 6 * node + 3 * side
        return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      }
      case 28: {
        // The byte between both has the upper four bits of each.
        const at = 7 * node + 4 * side
        const upper = side === 0 ? bytes[7 * node + 3]! >>> 4 : bytes[7 * node + 3]! & 0xf
        return (upper << 24) | (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      }
      default: {
        const at = 8 * node + 4 * side
        return bytes[at]! * 2 ** 24 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)
      }
    }
  }
}
