/** `==`, `!=`, `<`, `<=`, `>`, `>=` and `in`. Comparing with a constant, the usual case, is written out. */
import type { Compilation, Evaluate, Node } from './node.ts'
import { compare, entry, equals, failed, isJsonObject } from './value.ts'

type Comparison = (compilation: Compilation, args: readonly Node[], offset: number) => Node

export const comparisonOperators: Readonly<Record<string, Comparison>> = {
  '_==_': (_, [left, right], offset) => bool(equality(left!, right!, true), offset),
  '_!=_': (_, [left, right], offset) => bool(equality(left!, right!, false), offset),
  '_<_': ordering('<', (order) => order < 0),
  '_<=_': ordering('<=', (order) => order <= 0),
  '_>_': ordering('>', (order) => order > 0),
  '_>=_': ordering('>=', (order) => order >= 0),
  '@in': (compilation, [item, container], offset) => {
    if (!['list', 'map', 'dyn'].includes(container!.kind)) {
      throw compilation.error(
        `in takes a list or a map on its right, but this is ${container!.kind}`,
        container!.offset,
        container!.kind === 'string' ? 'for part of a text, write text.contains(part)' : undefined,
      )
    }
    return bool(membership(item!, container!), offset)
  },
}

const bool = (evaluate: Evaluate, offset: number): Node => ({ evaluate, kind: 'bool', fields: {}, offset })

function equality(left: Node, right: Node, positive: boolean): Evaluate {
  if (left.constant !== undefined && right.constant === undefined) return equality(right, left, positive)
  const readLeft = left.evaluate
  const constant = right.constant?.value
  const negative = !positive
  if (typeof constant === 'string' || typeof constant === 'boolean' || constant === null) {
    return (scope) => {
      const value = readLeft(scope)
      if (value === constant) return positive
      return value === failed ? failed : negative
    }
  }
  if (typeof constant === 'bigint' && Number.isSafeInteger(Number(constant))) {
    const double = Number(constant)
    return (scope) => {
      const value = readLeft(scope)
      if (value === double || value === constant) return positive
      return value === failed ? failed : negative
    }
  }
  const readRight = right.evaluate
  return (scope) => {
    const a = readLeft(scope)
    if (a === failed) return failed
    const b = readRight(scope)
    if (b === failed) return failed
    return equals(a, b) === positive
  }
}

function ordering(symbol: string, holds: (order: number) => boolean): Comparison {
  return (compilation, [left, right], offset) => {
    if (!comparable(left!, right!)) {
      throw compilation.error(`${symbol} cannot compare ${left!.kind} with ${right!.kind}`, offset)
    }
    const readLeft = left!.evaluate
    const readRight = right!.evaluate
    const constant = right!.constant?.value
    if (typeof constant === 'bigint' && Number.isSafeInteger(Number(constant))) {
      const double = Number(constant)
      return bool((scope) => {
        const value = readLeft(scope)
        if (typeof value === 'number') return holds(value - double)
        return typeof value === 'bigint' ? holds(value < constant ? -1 : value > constant ? 1 : 0) : failed
      }, offset)
    }
    return bool((scope) => {
      const a = readLeft(scope)
      if (a === failed) return failed
      const b = readRight(scope)
      if (b === failed) return failed
      const order = compare(a, b)
      return order === undefined ? failed : holds(order)
    }, offset)
  }
}

function comparable(left: Node, right: Node): boolean {
  const numeric = ['int', 'double']
  if (left.kind === 'dyn' || right.kind === 'dyn')
    return ![left.kind, right.kind].some((kind) => unordered.has(kind))
  if (numeric.includes(left.kind) && numeric.includes(right.kind)) return true
  return left.kind === right.kind && !unordered.has(left.kind)
}

const unordered = new Set(['list', 'map', 'null'])

function membership(item: Node, container: Node): Evaluate {
  const readItem = item.evaluate
  const constant = container.constant?.value
  if (Array.isArray(constant) && constant.every((value) => typeof value === 'string')) {
    const texts = new Set<unknown>(constant)
    return (scope) => {
      const value = readItem(scope)
      return value === failed ? failed : texts.has(value)
    }
  }
  const readContainer = container.evaluate
  return (scope) => {
    const value = readItem(scope)
    if (value === failed) return failed
    const within = readContainer(scope)
    if (Array.isArray(within)) {
      for (const element of within) if (equals(element, value)) return true
      return false
    }
    if (within instanceof Map || isJsonObject(within)) {
      return typeof value === 'object' ? failed : entry(within, value) !== undefined
    }
    return failed
  }
}
