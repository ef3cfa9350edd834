/**
 * The canonical order of an object's keys, remembered: records of one source have few different lists of keys, and
 * comparing a list with one that was seen costs a tenth of sorting and escaping it again.
 */

export interface KeyOrder {
  /** The keys as the object lists them. */
  readonly listed: readonly string[]
  /** The same keys in UTF-16 order. */
  readonly sorted: readonly string[]
  /** Each sorted key as JSON, with its colon. */
  readonly texts: readonly string[]
}

/** By first key. Bounded, since keys come from strangers: what does not fit is sorted each time. */
const remembered = new Map<string, KeyOrder[]>()
const maxFirstKeys = 512
const maxListsPerFirstKey = 8
const maxKeys = 128
const maxKeyLength = 128

function isList(order: KeyOrder, keys: readonly string[]): boolean {
  const { listed } = order
  if (listed.length !== keys.length) return false
  for (let i = 0; i < keys.length; i++) if (listed[i] !== keys[i]) return false
  return true
}

/** The order of `keys`, which Object.keys has listed; undefined when one of them has lone surrogates. */
export function keyOrder(keys: readonly string[]): KeyOrder | undefined {
  const first = keys[0] ?? ''
  const orders = remembered.get(first)
  if (orders !== undefined) {
    for (let i = 0; i < orders.length; i++) if (isList(orders[i]!, keys)) return orders[i]
  }
  if (!keys.every((key) => key.isWellFormed())) return undefined
  const sorted = keys.toSorted()
  const order = { listed: keys, sorted, texts: sorted.map((key) => `${JSON.stringify(key)}:`) }
  remember(first, orders, order)
  return order
}

function remember(first: string, orders: KeyOrder[] | undefined, order: KeyOrder): void {
  const { listed } = order
  if (listed.length > maxKeys || listed.some((key) => key.length > maxKeyLength)) return
  if (orders === undefined) {
    if (remembered.size < maxFirstKeys) remembered.set(first, [order])
  } else if (orders.length < maxListsPerFirstKey) {
    orders.push(order)
  }
}
