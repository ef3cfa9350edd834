/** Calls: operators by their table, functions by theirs, with what they take checked where it is known. */
import { arithmeticOperators } from './arithmetic.ts'
import { comparisonOperators } from './comparison.ts'
import { type FunctionSpec, functions } from './functions.ts'
import { logicOperators } from './logic.ts'
import { hasVariableNode, indexNode } from './member.ts'
import { nearest } from './nearest.ts'
import { type Compilation, constantNode, type Evaluate, expectKind, type Node } from './node.ts'
import type { Call } from './parse.ts'
import { matchesEvaluation } from './pattern.ts'
import { failed, isJsonObject } from './value.ts'

const operators = { ...logicOperators, ...comparisonOperators, ...arithmeticOperators }
const macros = ['exists', 'all', 'exists_one', 'existsOne', 'filter', 'map']

export function callNode(compilation: Compilation, call: Call, offset: number): Node {
  const { function: name, target, args } = call
  if (name === 'has') return hasVariable(compilation, call, offset)
  if (name === 'scope' && target === undefined) return scopeNode(compilation, call, offset)
  if (target !== undefined && macros.includes(name)) {
    throw compilation.error(
      `${name} takes a variable and a test`,
      offset,
      `as in targets.${name}(t, t.type == "user")`,
    )
  }
  const operands = (target === undefined ? args : [target, ...args]).map((arg) => compilation.compile(arg))
  if (target === undefined) {
    if (name === '_[_]') return indexNode(compilation, operands[0]!, operands[1]!)
    const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
    if (operator !== undefined) return folded(operator(compilation, operands, offset), operands)
  }
  if (name === 'matches') return matchesNode(compilation, operands, offset)
  const spec = functions.get(name)
  if (spec === undefined) throw unknownFunction(compilation, name, offset)
  checkForm(compilation, name, spec, target !== undefined, operands, offset)
  return folded({ evaluate: application(spec, operands), kind: spec.gives, fields: true, offset }, operands)
}

/** An operation on constants is done once, here. One that fails stays as it is: it may never be reached. */
function folded(node: Node, operands: readonly Node[]): Node {
  if (operands.length === 0 || operands.some(({ constant }) => constant === undefined)) return node
  const value = node.evaluate({})
  return value === failed ? node : constantNode(value, node.kind, node.offset)
}

function hasVariable(compilation: Compilation, { args }: Call, offset: number): Node {
  const argument = args[0]
  if (args.length === 1 && argument?.exprKind.case === 'identExpr') {
    const { path } = compilation.compile(argument)
    if (path !== undefined) return hasVariableNode(path[0]!, offset)
  }
  throw compilation.error('has() takes one member', offset, 'as in has(actor.email)')
}

/** `scope("organization")`: the first part of the event's scope with that type. Not CEL's, but what everybody asks for. */
function scopeNode(compilation: Compilation, { args }: Call, offset: number): Node {
  const type = args.length === 1 ? compilation.compile(args[0]!) : undefined
  if (typeof type?.constant?.value !== 'string') {
    throw compilation.error('scope() takes the type of a scope', offset, 'as in scope("organization").id')
  }
  const { value } = type.constant
  const evaluate = ({ scope }: Readonly<Record<string, unknown>>): unknown => {
    if (!Array.isArray(scope)) return failed
    return scope.find((part: unknown) => isJsonObject(part) && part.type === value) ?? failed
  }
  return { evaluate, kind: 'dyn', fields: true, offset }
}

function matchesNode(compilation: Compilation, operands: readonly Node[], offset: number): Node {
  const [text, pattern] = operands
  if (text === undefined || pattern === undefined || operands.length > 2) {
    throw compilation.error('matches takes one pattern', offset, 'as in action.matches("^invoice[.]")')
  }
  expectKind(compilation, text, ['string'], 'matches')
  expectKind(compilation, pattern, ['string'], 'matches')
  return folded(
    { evaluate: matchesEvaluation(compilation, text, pattern), kind: 'bool', fields: {}, offset },
    operands,
  )
}

function unknownFunction(compilation: Compilation, name: string, offset: number): Error {
  const unsupported = ['uint', 'bytes', 'type', '_?._', '_[?_]']
  if (unsupported.includes(name)) return compilation.error(`\`${name}\` is not supported`, offset)
  const close = nearest(name, [...functions.keys(), ...macros, 'has', 'matches'])
  const hint =
    close === undefined
      ? `known: ${[...functions.keys(), 'matches', 'has'].join(', ')}`
      : `did you mean ${close}?`
  return compilation.error(`there is no function \`${name}\``, offset, hint)
}

function checkForm(
  compilation: Compilation,
  name: string,
  { form, takes, required = takes.length }: FunctionSpec,
  isMethod: boolean,
  operands: readonly Node[],
  offset: number,
): void {
  if (form === 'method' && !isMethod) throw compilation.error(`write \`x.${name}(…)\``, offset)
  if (form === 'global' && isMethod) throw compilation.error(`write \`${name}(x)\``, offset)
  if (operands.length < required || operands.length > takes.length) {
    const own = form === 'method' ? 1 : 0
    const count =
      required === takes.length ? `${required - own}` : `${required - own} to ${takes.length - own}`
    throw compilation.error(
      `${name} takes ${count} ${count === '1' ? 'argument' : 'arguments'}, not ${operands.length - own}`,
      offset,
    )
  }
  for (const [index, operand] of operands.entries()) expectKind(compilation, operand, takes[index]!, name)
}

function application({ apply, takes }: FunctionSpec, [first, second]: readonly Node[]): Evaluate {
  const readFirst = first!.evaluate
  if (second === undefined || takes.length === 1) {
    return (scope) => {
      const value = readFirst(scope)
      return value === failed ? failed : apply(value, undefined)
    }
  }
  if (second.constant !== undefined) {
    const { value: part } = second.constant
    return (scope) => {
      const value = readFirst(scope)
      return value === failed ? failed : apply(value, part)
    }
  }
  const readSecond = second.evaluate
  return (scope) => {
    const value = readFirst(scope)
    if (value === failed) return failed
    const part = readSecond(scope)
    return part === failed ? failed : apply(value, part)
  }
}
