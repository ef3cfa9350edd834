/** JavaScript's own regular expressions, many times faster, for patterns of RE2 that take linear time in them too. */
import type { Characters } from './characters.ts'
import { isDeterministic } from './deterministic.ts'
import { type Node, readPattern } from './syntax.ts'

/** A RegExp that matches as RE2 would, groups included; undefined where that is not certain. */
export function linearRegExp(source: string): RegExp | undefined {
  const pattern = readPattern(source)
  if (pattern === undefined || !isDeterministic(pattern.node)) return undefined
  return new RegExp(`^${write(pattern.node)}${pattern.toEnd ? '$' : ''}`, 'u')
}

function write(node: Node): string {
  switch (node.kind) {
    case 'characters':
      return `[${node.set.map(writeRange).join('')}]`
    case 'sequence':
      return node.nodes.map(write).join('')
    case 'alternatives':
      return `(?:${node.nodes.map(write).join('|')})`
    case 'group':
      return `(${node.captures ? '' : '?:'}${write(node.node)})`
    case 'repeat': {
      const { min, max, lazy } = node
      return `(?:${write(node.node)}){${min},${Number.isFinite(max) ? max : ''}}${lazy ? '?' : ''}`
    }
  }
}

function writeRange([from, to]: Characters[number]): string {
  return from === to ? writeCode(from) : `${writeCode(from)}-${writeCode(to)}`
}

const writeCode = (code: number) => `\\u{${code.toString(16)}}`
