/** Reading members: `actor.id`, `record["odd name"]`, `targets[0]`, `has(session.id)`. */
import type { Fields } from './contract.ts'
import { nearest } from './nearest.ts'
import type { Compilation, Evaluate, Node, Scope } from './node.ts'
import { entry, failed, isJsonObject } from './value.ts'

/**
 * Names that some object inherits or lists have: to read these, ownership is checked. All other names can be read
 * straight away, which is what makes a path cost a few nanoseconds.
 */
const inherited = new Set<string>(
  [Object.prototype, Array.prototype, Map.prototype].flatMap((prototype) =>
    Object.getOwnPropertyNames(prototype),
  ),
)

type Read = (object: unknown) => unknown

/** One member of whatever comes: its value, or `undefined` when absent, or `failed` when this has no members. */
function reader(member: string): Read {
  if (inherited.has(member)) return (object) => readOwn(object, member)
  return (object) => {
    if (typeof object !== 'object' || object === null) return failed
    const value = (object as Scope)[member]
    return value === undefined ? readOwn(object, member) : value
  }
}

function readOwn(object: unknown, member: string): unknown {
  return object instanceof Map || isJsonObject(object) ? entry(object, member) : failed
}

const present = (value: unknown) => (value === undefined ? failed : value)

/** The evaluation of `[variable, member, …]`, with the short paths that conditions mostly have written out. */
function readPath(path: readonly string[]): Evaluate {
  const [first, second, ...rest] = path
  if (first === undefined) throw new TypeError('a path has at least a variable')
  if (inherited.has(first)) return general(path)
  if (second === undefined) {
    return (scope) => {
      const value = scope[first]
      return value === undefined ? failed : value
    }
  }
  if (inherited.has(second) || rest.length > 0) return general(path)
  return (scope) => {
    const object = scope[first]
    if (typeof object !== 'object' || object === null) return failed
    const value = (object as Scope)[second]
    return value === undefined ? present(readOwn(object, second)) : value
  }
}

function general(path: readonly string[]): Evaluate {
  const reads = path.map(reader)
  return (scope) => {
    let value: unknown = scope
    for (const read of reads) {
      value = read(value)
      if (value === undefined || value === failed) return failed
    }
    return value
  }
}

/** A variable of the scope. */
export function variableNode(name: string, fields: Fields, offset: number): Node {
  return { evaluate: readPath([name]), kind: 'dyn', fields, offset, path: [name] }
}

/** `operand.member`. */
export function selectNode(compilation: Compilation, operand: Node, member: string, offset: number): Node {
  const fields = below(compilation, operand, member, offset)
  if (operand.path !== undefined) {
    const path = [...operand.path, member]
    return { evaluate: readPath(path), kind: 'dyn', fields, offset, path }
  }
  const read = reader(member)
  const { evaluate } = operand
  return { evaluate: (scope) => present(read(evaluate(scope))), kind: 'dyn', fields, offset }
}

/**
 * `has(operand.member)`: false, not an error, where the way to the member ends early (no session, or no object), so
 * that `!has(session.id)` finds the events that have none.
 */
export function hasNode(compilation: Compilation, operand: Node, member: string, offset: number): Node {
  below(compilation, operand, member, offset)
  const read = reader(member)
  const { evaluate } = operand
  const unreachable = operand.path === undefined ? failed : false
  return boolNode((scope) => {
    const object = evaluate(scope)
    if (object === failed) return unreachable
    const value = read(object)
    return value !== undefined && value !== failed
  }, offset)
}

/** `has(severity)`: whether the scope has this variable. CEL's own `has` takes members only. */
export function hasVariableNode(variable: string, offset: number): Node {
  const read = reader(variable)
  return boolNode((scope) => read(scope) !== undefined, offset)
}

const boolNode = (evaluate: Evaluate, offset: number): Node => ({
  evaluate,
  kind: 'bool',
  fields: {},
  offset,
})

/** `operand[index]`. */
export function indexNode(compilation: Compilation, operand: Node, index: Node): Node {
  const { offset } = operand
  const key = index.constant?.value
  const known = operand.fields
  let fields: Fields = true
  if (known !== true) {
    if (typeof key === 'string') fields = below(compilation, operand, key, index.offset)
    else fields = known['[]'] ?? true
  }
  const readOperand = operand.evaluate
  const readIndex = index.evaluate
  return {
    evaluate: (scope) => {
      const object = readOperand(scope)
      const at = readIndex(scope)
      if (Array.isArray(object)) {
        const position = typeof at === 'bigint' ? Number(at) : at
        if (typeof position !== 'number' || !Number.isInteger(position)) return failed
        return present(object[position])
      }
      if (object instanceof Map || isJsonObject(object)) return present(entry(object, at))
      return failed
    },
    kind: 'dyn',
    fields,
    offset,
  }
}

/** What is known below `member`, refusing a member that can never be there. */
function below(compilation: Compilation, operand: Node, member: string, offset: number): Fields {
  const known = operand.fields
  if (known === true) return true
  const found = Object.hasOwn(known, member) ? known[member] : undefined
  if (found !== undefined) return found
  const owner = operand.path?.join('.') ?? 'this'
  const element = known['[]']
  if (element !== undefined) {
    const hint = `ask for any of its items: ${owner}.exists(x, x.${member} == …)`
    throw compilation.error(`${owner} is a list, and has no member \`${member}\``, offset, hint)
  }
  const names = Object.keys(known)
  if (names.length === 0) throw compilation.error(`${owner} has no members, so no \`${member}\``, offset)
  const close = nearest(member, names)
  throw compilation.error(
    `${owner} has no member \`${member}\``,
    offset,
    close === undefined
      ? `it has ${names.join(', ')}`
      : `did you mean ${owner === 'this' ? '' : `${owner}.`}${close}?`,
  )
}
