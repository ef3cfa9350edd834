/**
 * An expression, compiled to closures: one walk over the syntax tree checks names, members, functions and what
 * kinds are known, and leaves a function that only computes. See value.ts for how values are held, and
 * docs/routing.md for what differs from CEL proper.
 */

import { callNode } from './call.ts'
import { comprehensionNode, maxSteps } from './comprehension.ts'
import type { Fields } from './contract.ts'
import { CelError } from './error.ts'
import { hasNode, selectNode, variableNode } from './member.ts'
import { nearest } from './nearest.ts'
import { type Compilation, constantNode, type Node, type Scope } from './node.ts'
import { type Constant, type Expr, parse } from './parse.ts'
import { failed, type Kind, mapKey } from './value.ts'

/** Parts within parts. */
const maxDepth = 128

interface Expression {
  /** Gives a value of value.ts, or `failed`. */
  readonly evaluate: (scope: Scope) => unknown
  /** What it gives, where that is known. */
  readonly kind: Kind
}

/** @throws CelError */
export function compileExpression(source: string, variables: Readonly<Record<string, Fields>>): Expression {
  const { root, offset } = parse(source)
  const bound: { name: string; node: Node }[] = []
  let depth = 0

  const compilation: Compilation = {
    source,
    offset,
    budget: { left: maxSteps, used: false },
    error: (message, at, hint) => new CelError(message, source, at, hint),
    within: (name, node, compile) => {
      bound.push({ name, node })
      const result = compile()
      bound.pop()
      return result
    },
    compile: (expr) => {
      if (++depth > maxDepth) {
        throw new CelError(`the expression is nested more than ${maxDepth} deep`, source, offset(expr))
      }
      const node = compileKind(expr)
      depth--
      return node
    },
  }

  function compileKind(expr: Expr): Node {
    const { exprKind } = expr
    const at = offset(expr)
    switch (exprKind.case) {
      case 'constExpr':
        return literal(exprKind.value, at)
      case 'identExpr':
        return ident(exprKind.value.name, at)
      case 'selectExpr': {
        const { operand, field, testOnly } = exprKind.value
        const below = compilation.compile(operand!)
        if (!testOnly) return selectNode(compilation, below, field, at)
        // the parser's offset is that of `has`
        return hasNode(compilation, below, field, Math.max(at, source.indexOf(field, below.offset + 1)))
      }
      case 'callExpr':
        return callNode(compilation, exprKind.value, at)
      case 'comprehensionExpr':
        return comprehensionNode(compilation, exprKind.value, at)
      case 'listExpr':
        return list(exprKind.value.elements, at)
      case 'structExpr':
        if (exprKind.value.messageName !== '') break
        return map(exprKind.value.entries, at)
    }
    throw new CelError('messages are not supported', source, at)
  }

  function ident(written: string, at: number): Node {
    const name = written.replace(/^\./, '')
    const local = bound.findLast((variable) => variable.name === name)
    if (local !== undefined) return { ...local.node, offset: at }
    const fields = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (fields !== undefined) return variableNode(name, fields, at)
    const names = [...Object.keys(variables), ...bound.map((variable) => variable.name)]
    const close = nearest(name, names)
    const hint = close === undefined ? `known: ${names.join(', ')}` : `did you mean ${close}?`
    throw new CelError(`there is no \`${name}\``, source, at, hint)
  }

  function literal({ constantKind }: Constant, at: number): Node {
    switch (constantKind.case) {
      case 'stringValue':
        return constantNode(constantKind.value, 'string', at)
      case 'boolValue':
        return constantNode(constantKind.value, 'bool', at)
      case 'doubleValue':
        return constantNode(constantKind.value, 'double', at)
      case 'nullValue':
        return constantNode(null, 'null', at)
      case 'int64Value':
        if (BigInt.asIntN(64, constantKind.value) !== constantKind.value) break
        return constantNode(constantKind.value, 'int', at)
      case 'uint64Value':
        throw new CelError('unsigned numbers are not supported', source, at, 'write it without u')
      case 'bytesValue':
        throw new CelError('bytes are not supported', source, at, 'write it without b')
    }
    throw new CelError('this number does not fit 64 bits', source, at)
  }

  function list(elements: readonly Expr[], at: number): Node {
    const nodes = elements.map((element) => compilation.compile(element))
    if (nodes.every(({ constant }) => constant !== undefined)) {
      return constantNode(
        nodes.map(({ constant }) => constant?.value),
        'list',
        at,
      )
    }
    const evaluations = nodes.map(({ evaluate }) => evaluate)
    return {
      evaluate: (scope) => {
        const values = evaluations.map((evaluate) => evaluate(scope))
        return values.includes(failed) ? failed : values
      },
      kind: 'list',
      fields: true,
      offset: at,
    }
  }

  function map(
    entries: Extract<Expr['exprKind'], { case: 'structExpr' }>['value']['entries'],
    at: number,
  ): Node {
    const pairs = entries.map(({ keyKind, value }) => {
      if (keyKind.case !== 'mapKey') throw new CelError('a map has keys and values', source, at)
      return [compilation.compile(keyKind.value), compilation.compile(value!)] as const
    })
    return {
      evaluate: (scope) => {
        const made = new Map<unknown, unknown>()
        for (const [readKey, readValue] of pairs) {
          const key = mapKey(readKey.evaluate(scope))
          const value = readValue.evaluate(scope)
          if (key === undefined || value === failed || made.has(key)) return failed
          made.set(key, value)
        }
        return made
      },
      kind: 'map',
      fields: true,
      offset: at,
    }
  }

  const { evaluate, kind } = compilation.compile(root)
  const { budget } = compilation
  if (!budget.used) return { evaluate, kind }
  return {
    evaluate: (scope) => {
      budget.left = maxSteps
      return evaluate(scope)
    },
    kind,
  }
}
