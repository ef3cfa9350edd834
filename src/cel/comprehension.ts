/**
 * `exists`, `all`, `exists_one`, `filter` and `map`. The parser expands each into a general fold; here the
 * fold's shape is recognised again and becomes a plain loop that stops as soon as it can.
 *
 * The loop variable lives in a cell that the body's closures share: evaluation is synchronous and an expression
 * cannot call itself, so one cell is enough and nothing is allocated per event.
 */
import type { Fields } from './contract.ts'
import { type Compilation, type Evaluate, expectKind, type Node, type Scope } from './node.ts'
import type { Call, Comprehension, Expr } from './parse.ts'
import { failed, isJsonObject, keysOf } from './value.ts'

/** Loop steps that one evaluation may take, over all its loops. */
export const maxSteps = 100_000

interface Loop {
  readonly macro: 'exists' | 'all' | 'exists_one' | 'collect'
  readonly test?: Expr
  readonly step?: Expr
}

export function comprehensionNode(compilation: Compilation, fold: Comprehension, offset: number): Node {
  if (fold.iterRange === undefined) throw compilation.error('this loop has nothing to go over', offset)
  const loop = recognise(fold)
  if (loop === undefined) throw compilation.error('this kind of loop is not supported', offset)
  const range = compilation.compile(fold.iterRange)
  expectKind(compilation, range, ['list', 'map'], loop.macro === 'collect' ? 'a loop' : loop.macro)
  compilation.budget.used = true

  const cell: { value: unknown } = { value: undefined }
  const variable: Node = {
    evaluate: () => cell.value,
    kind: 'dyn',
    fields: elementFields(range.fields),
    offset,
  }
  const [test, step] = compilation.within(fold.iterVar, variable, () => [
    loop.test && compilation.compile(loop.test),
    loop.step && compilation.compile(loop.step),
  ])
  if (test !== undefined) expectKind(compilation, test, ['bool'], 'the test of a loop')

  const run = runner(loop.macro, test?.evaluate, step?.evaluate)
  const readRange = range.evaluate
  const { budget } = compilation
  return {
    evaluate: (scope) => {
      const items = itemsOf(readRange(scope))
      if (items === undefined) return failed
      budget.left -= items.length
      if (budget.left < 0) return failed
      const result = run(items, cell, scope)
      cell.value = undefined
      return result
    },
    kind: loop.macro === 'collect' ? 'list' : 'bool',
    fields: loop.macro === 'collect' ? { '[]': step?.fields ?? true } : {},
    offset,
  }
}

function itemsOf(range: unknown): readonly unknown[] | undefined {
  if (Array.isArray(range)) return range
  return range instanceof Map || isJsonObject(range) ? keysOf(range) : undefined
}

function elementFields(range: Fields): Fields {
  return range === true ? true : (range['[]'] ?? {})
}

type Run = (items: readonly unknown[], cell: { value: unknown }, scope: Scope) => unknown

function runner(macro: Loop['macro'], test: Evaluate | undefined, step: Evaluate | undefined): Run {
  if (macro === 'collect') return collect(test, step!)
  if (macro === 'exists_one') return existsOne(test!)
  return search(test!, macro === 'exists')
}

/** Looks for one element that decides: true for `exists`, false for `all`. Errors yield to it. */
const search =
  (test: Evaluate, decisive: boolean): Run =>
  (items, cell, scope) => {
    let result: unknown = !decisive
    for (const item of items) {
      cell.value = item
      const value = test(scope)
      if (value === decisive) return decisive
      if (typeof value !== 'boolean') result = failed
    }
    return result
  }

const existsOne =
  (test: Evaluate): Run =>
  (items, cell, scope) => {
    let count = 0
    for (const item of items) {
      cell.value = item
      const value = test(scope)
      if (typeof value !== 'boolean') return failed
      if (value) count++
    }
    return count === 1
  }

const collect =
  (test: Evaluate | undefined, step: Evaluate): Run =>
  (items, cell, scope) => {
    const results: unknown[] = []
    for (const item of items) {
      cell.value = item
      const taken = test === undefined ? true : test(scope)
      if (taken === false) continue
      const value = taken === true ? step(scope) : failed
      if (value === failed) return failed
      results.push(value)
    }
    return results
  }

/** What the parser made of the macro, undone. */
function recognise({ accuInit, loopStep, accuVar }: Comprehension): Loop | undefined {
  const fold = loopStep?.exprKind
  if (accuInit === undefined || fold?.case !== 'callExpr') return undefined
  const { function: name, args } = fold.value
  if (name === '_||_') return args[1] && { macro: 'exists', test: args[1] }
  if (name === '_&&_') return args[1] && { macro: 'all', test: args[1] }
  if (name === '_?_:_' && args[0] !== undefined) {
    if (accuInit.exprKind.case === 'constExpr') return { macro: 'exists_one', test: args[0] }
    const step = appended(args[1], accuVar)
    return step && { macro: 'collect', test: args[0], step }
  }
  const step = appended(loopStep, accuVar)
  return step && { macro: 'collect', step }
}

/** `step` in `accumulator + [step]`. */
function appended(expr: Expr | undefined, accumulator: string): Expr | undefined {
  if (expr?.exprKind.case !== 'callExpr') return undefined
  const { function: name, args }: Call = expr.exprKind.value
  const [left, right] = args
  if (name !== '_+_' || left?.exprKind.case !== 'identExpr' || left.exprKind.value.name !== accumulator) {
    return undefined
  }
  return right?.exprKind.case === 'listExpr' ? right.exprKind.value.elements[0] : undefined
}
