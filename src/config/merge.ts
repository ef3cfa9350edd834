/** Several files as one configuration. Nothing wins silently: what is set twice is an error that cites both places. */
import type { Path, Position, Problem } from './problem.ts'
import type { Entry, MapNode, Node } from './tree.ts'

export interface MergeRules {
  /** Sections that map names to definitions: the files' names come together, a name defined twice is an error. */
  readonly named: readonly string[]
  /** Sections that are lists: concatenated in file order. */
  readonly lists: readonly string[]
}

interface Merged {
  readonly root: MapNode
  readonly problems: readonly Problem[]
}

export function mergeTrees(roots: readonly Node[], nowhere: Position, rules: MergeRules): Merged {
  const problems: Problem[] = []
  const report = (position: Position, path: Path, message: string): void => {
    problems.push({ severity: 'error', position, path, message })
  }

  const both = (a: Entry, b: Entry, path: Path): Entry => {
    const section = String(path[0])
    const lists = path.length === 1 && rules.lists.includes(section)
    if (lists && a.node.kind === 'list' && b.node.kind === 'list')
      return { ...a, node: { ...a.node, items: [...a.node.items, ...b.node.items] } }
    const definition = path.length === 2 && rules.named.includes(section)
    if (!definition && a.node.kind === 'map' && b.node.kind === 'map')
      return { ...a, node: union(a.node, b.node, path) }
    const { file, line, column } = a.position
    report(b.position, path, `already set at ${file}:${line}:${column}`)
    return a
  }

  const union = (a: MapNode, b: MapNode, path: Path): MapNode => {
    const entries = new Map(a.entries)
    for (const [key, entry] of b.entries) {
      const known = entries.get(key)
      entries.set(key, known === undefined ? entry : both(known, entry, [...path, key]))
    }
    return { ...a, entries }
  }

  let root: MapNode = { kind: 'map', position: roots[0]?.position ?? nowhere, entries: new Map() }
  for (const next of roots) {
    if (next.kind === 'map') root = union(root, next, [])
    else report(next.position, [], 'a configuration is a map of sections: agent, receivers, sinks, routes, …')
  }
  return { root, problems }
}
