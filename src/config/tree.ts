/**
 * A configuration between YAML and the schema: plain maps, lists and scalars that know where they were written.
 * Merging and interpolation work on it, so that whatever the schema says later can be traced to a line.
 */
import type { Path, Position } from './problem.ts'

export type Scalar = string | number | boolean | null

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly position: Position
  readonly value: Scalar
}

interface ListNode {
  readonly kind: 'list'
  readonly position: Position
  readonly items: readonly Node[]
}

export interface Entry {
  /** Where the key stands. */
  readonly position: Position
  readonly node: Node
}

export interface MapNode {
  readonly kind: 'map'
  readonly position: Position
  readonly entries: ReadonlyMap<string, Entry>
}

export type Node = ScalarNode | ListNode | MapNode

/** The tree as JSON values, which is what schemas read. */
export function plainValue(node: Node): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainValue)
  return Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, plainValue(entry.node)]))
}

/** Where `path` was written; for a path that is not there, the nearest thing around it. */
export function locate(root: Node, path: Path, at: 'key' | 'value'): Position {
  let node = root
  let key = root.position
  for (const step of path) {
    const next = stepInto(node, step)
    // A key that is missing is missing from its map: the key that holds the map is what readers look for.
    if (next === undefined) return key
    key = next.position
    node = next.node
  }
  return at === 'key' ? key : node.position
}

function stepInto(node: Node, step: string | number): Entry | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))
  if (node.kind !== 'list') return undefined
  const item = node.items[Number(step)]
  return item === undefined ? undefined : { position: item.position, node: item }
}

/** The same tree with every scalar passed through `change`. */
export function mapScalars(root: Node, change: (scalar: ScalarNode, path: Path) => Scalar): Node {
  const walk = (node: Node, path: Path): Node => {
    if (node.kind === 'scalar') return { ...node, value: change(node, path) }
    if (node.kind === 'list')
      return { ...node, items: node.items.map((item, index) => walk(item, [...path, index])) }
    const entries = new Map<string, Entry>()
    for (const [key, entry] of node.entries)
      entries.set(key, { ...entry, node: walk(entry.node, [...path, key]) })
    return { ...node, entries }
  }
  return walk(root, [])
}
