/**
 * Whether a pattern leaves no choice: at every point the next character alone says how to go on. Then a matcher that tries
 * ways one after the other, as JavaScript's does, gives each wrong way up at its first character, and takes time in
 * proportion to the text. The pattern is seen as the characters it is made of and what may follow each (Glushkov); repetitions with a
 * count are unrolled.
 */
import { type Characters, overlap } from './characters.ts'
import type { Node } from './syntax.ts'

/** A character of the pattern, and those that may come behind it, once for each way there. */
interface Position {
  readonly set: Characters
  readonly follow: Position[]
}

interface Part {
  /** Whether it may be nothing. */
  readonly empty: boolean
  readonly first: readonly Position[]
  readonly last: readonly Position[]
}

const maxPositions = 1024

/** Stops at a pattern that leaves a choice, or is too large to be looked at. */
class Undecided extends Error {}

export function isDeterministic(node: Node): boolean {
  const positions: Position[] = []
  try {
    const { first } = partOf(node, positions)
    return [first, ...positions.map(({ follow }) => follow)].every(allDiffer)
  } catch (thrown) {
    if (thrown instanceof Undecided) return false
    throw thrown
  }
}

function allDiffer(positions: readonly Position[]): boolean {
  return positions.every((one, i) => positions.slice(i + 1).every((other) => !overlap(one.set, other.set)))
}

const nothing: Part = { empty: true, first: [], last: [] }

function partOf(node: Node, positions: Position[]): Part {
  switch (node.kind) {
    case 'characters': {
      const position = { set: node.set, follow: [] }
      if (positions.push(position) > maxPositions) throw new Undecided()
      return { empty: false, first: [position], last: [position] }
    }
    case 'group':
      return partOf(node.node, positions)
    case 'sequence':
      return node.nodes.reduce<Part>((before, next) => joined(before, partOf(next, positions)), nothing)
    case 'alternatives': {
      const parts = node.nodes.map((one) => partOf(one, positions))
      // Nothing in two ways is a choice that no character decides.
      if (parts.filter(({ empty }) => empty).length > 1) throw new Undecided()
      return {
        empty: parts.some(({ empty }) => empty),
        first: parts.flatMap(({ first }) => first),
        last: parts.flatMap(({ last }) => last),
      }
    }
    case 'repeat':
      return repeated(node, positions)
  }
}

function repeated({ node, min, max }: Extract<Node, { kind: 'repeat' }>, positions: Position[]): Part {
  const one = (): Part => {
    const part = partOf(node, positions)
    if (part.empty) throw new Undecided()
    return part
  }
  // The engines agree on what a group holds that is passed once, and not on one that is passed again.
  if (max > 1 && hasCapture(node)) throw new Undecided()
  let whole = nothing
  for (let i = 0; i < min; i++) whole = joined(whole, one())
  if (max === Number.POSITIVE_INFINITY) {
    const loop = one()
    for (const end of loop.last) end.follow.push(...loop.first)
    return joined(whole, { ...loop, empty: true })
  }
  // From the last one on, so that each is there only if the one before it is.
  let optional = nothing
  for (let i = min; i < max; i++) optional = { ...joined(one(), optional), empty: true }
  return joined(whole, optional)
}

function joined(before: Part, next: Part): Part {
  for (const { follow } of before.last) follow.push(...next.first)
  return {
    empty: before.empty && next.empty,
    first: before.empty ? [...before.first, ...next.first] : before.first,
    last: next.empty ? [...before.last, ...next.last] : next.last,
  }
}

function hasCapture(node: Node): boolean {
  if (node.kind === 'characters') return false
  if ('nodes' in node) return node.nodes.some(hasCapture)
  return (node.kind === 'group' && node.captures) || hasCapture(node.node)
}
