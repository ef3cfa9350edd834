/** The paths that a mapping may consume, as a tree: what is not consumed of a record is its rest. */
import type { Filter, Step } from '../mapping/path.ts'
import type { ShapeCache } from './shape.ts'

export interface RestNode {
  /** Which flag says that all of this was consumed: word and bit of the flags; no bit, no path ends here. */
  word: number
  bit: number
  readonly keys: Map<string, RestNode>
  readonly items: Map<number, RestNode>
  /** Every element. */
  every: RestNode | undefined
  /** It is of every element: those where there was nothing to be taken still have it. */
  isOfEvery: boolean
  /** Elements that a filter finds. */
  readonly found: { readonly filter: Filter; readonly node: RestNode }[]
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
  return {
    word: 0,
    bit: 0,
    keys: new Map(),
    items: new Map(),
    every: undefined,
    isOfEvery: false,
    found: [],
    plans: undefined,
  }
}

/** The node at a path, made where there is none. */
export function nodeAt(root: RestNode, steps: readonly Step[]): RestNode {
  let node = root
  for (const step of steps) node = childAt(node, step) ?? addChild(node, step)
  return node
}

function childAt({ keys, items, found }: RestNode, step: Step): RestNode | undefined {
  if (typeof step === 'number') return items.get(step)
  if (typeof step === 'string') return keys.get(step)
  return found.find(({ filter }) => filter.key === step.key && filter.equals === step.equals)?.node
}

function addChild({ keys, items, found }: RestNode, step: Step): RestNode {
  const node = createRestNode()
  if (typeof step === 'number') items.set(step, node)
  else if (typeof step === 'string') keys.set(step, node)
  else found.push({ filter: step, node })
  return node
}
