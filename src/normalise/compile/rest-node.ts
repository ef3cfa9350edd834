/** The paths that a mapping may consume, as a tree: what is not consumed of a record is its rest. */
import type { Segment } from '../mapping/path.ts'
import type { ShapeCache } from './shape.ts'

export interface RestNode {
  /** Which flag says that all of this was consumed: word and bit of the flags; no bit, no path ends here. */
  word: number
  bit: number
  readonly keys: Map<string, RestNode>
  readonly items: Map<number, RestNode>
  /** Sorted members by the shape of the object. */
  plans: ShapeCache<RestPlan> | undefined
}

/** Members of one shape in canonical order. */
export interface RestPlan {
  readonly entries: readonly { readonly key: string; readonly node: RestNode | undefined }[]
  /** Whether a key is such that no JavaScript object can keep it in order. */
  readonly unordered: boolean
}

export function createRestNode(): RestNode {
  return { word: 0, bit: 0, keys: new Map(), items: new Map(), plans: undefined }
}

/** The node at a path, made where there is none. */
export function nodeAt(root: RestNode, segments: readonly Segment[]): RestNode {
  let node = root
  for (const segment of segments) {
    let next = typeof segment === 'number' ? node.items.get(segment) : node.keys.get(segment)
    if (next === undefined) {
      next = createRestNode()
      if (typeof segment === 'number') node.items.set(segment, next)
      else node.keys.set(segment, next)
    }
    node = next
  }
  return node
}
