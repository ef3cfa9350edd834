/**
 * `+ - * / %` and the sign. An `int` has 64 bits and overflows into an error. Where an int meets a double (and
 * every number of an event is one) it becomes a double: CEL proper has no such overload, and `bytes / 1024` would
 * never be true.
 */
import { type Compilation, expectKind, type Node } from './node.ts'
import { durationOf, timestampOf } from './time.ts'
import { Duration, failed, type Kind, Timestamp } from './value.ts'

/** Bytes-to-be and items that one `+` may make: an expression from outside must not eat the memory. */
const maxText = 1 << 20
const maxItems = 100_000

type Apply = (left: unknown, right: unknown) => unknown

export function int64(value: bigint): bigint | typeof failed {
  return BigInt.asIntN(64, value) === value ? value : failed
}

/** Numbers by their own rule; anything else goes on to `others`. */
function numeric(
  ints: (left: bigint, right: bigint) => bigint | typeof failed,
  doubles: (left: number, right: number) => number | typeof failed,
  others: Apply = () => failed,
): Apply {
  return (left, right) => {
    if (typeof left === 'bigint') {
      if (typeof right === 'bigint') return ints(left, right)
      return typeof right === 'number' ? doubles(Number(left), right) : failed
    }
    if (typeof left === 'number') {
      if (typeof right === 'number') return doubles(left, right)
      return typeof right === 'bigint' ? doubles(left, Number(right)) : failed
    }
    return others(left, right)
  }
}

const add = numeric(
  (left, right) => int64(left + right),
  (left, right) => left + right,
  (left, right) => {
    if (typeof left === 'string' && typeof right === 'string') {
      return left.length + right.length > maxText ? failed : left + right
    }
    if (Array.isArray(left) && Array.isArray(right)) {
      return left.length + right.length > maxItems ? failed : [...left, ...right]
    }
    if (left instanceof Duration) {
      if (right instanceof Duration) return durationOf(left.$nanos + right.$nanos)
      return right instanceof Timestamp ? timestampOf(left.$nanos + right.$nanos) : failed
    }
    return left instanceof Timestamp && right instanceof Duration
      ? timestampOf(left.$nanos + right.$nanos)
      : failed
  },
)

const subtract = numeric(
  (left, right) => int64(left - right),
  (left, right) => left - right,
  (left, right) => {
    if (right instanceof Duration) {
      if (left instanceof Duration) return durationOf(left.$nanos - right.$nanos)
      return left instanceof Timestamp ? timestampOf(left.$nanos - right.$nanos) : failed
    }
    return left instanceof Timestamp && right instanceof Timestamp
      ? durationOf(left.$nanos - right.$nanos)
      : failed
  },
)

const multiply = numeric(
  (left, right) => int64(left * right),
  (left, right) => left * right,
)

const divide = numeric(
  (left, right) => (right === 0n ? failed : int64(left / right)),
  (left, right) => left / right,
)

const modulo = numeric(
  (left, right) => (right === 0n || int64(left / right) === failed ? failed : left % right),
  () => failed,
)

type Arithmetic = (compilation: Compilation, args: readonly Node[], offset: number) => Node

function binary(symbol: string, takes: readonly Kind[], apply: Apply): Arithmetic {
  return (compilation, [left, right], offset) => {
    expectKind(compilation, left!, takes, symbol)
    expectKind(compilation, right!, takes, symbol)
    if (!combine(left!.kind, right!.kind)) {
      throw compilation.error(`${symbol} cannot combine ${left!.kind} with ${right!.kind}`, offset)
    }
    const readLeft = left!.evaluate
    const readRight = right!.evaluate
    return {
      evaluate: (scope) => {
        const a = readLeft(scope)
        if (a === failed) return failed
        const b = readRight(scope)
        return b === failed ? failed : apply(a, b)
      },
      kind: resultKind(left!.kind, right!.kind),
      fields: true,
      offset,
    }
  }
}

const families: readonly (readonly Kind[])[] = [
  ['int', 'double'],
  ['timestamp', 'duration'],
]

function combine(left: Kind, right: Kind): boolean {
  if (left === right || left === 'dyn' || right === 'dyn') return true
  return families.some((family) => family.includes(left) && family.includes(right))
}

function resultKind(left: Kind, right: Kind): Kind {
  const stays: readonly Kind[] = ['int', 'double', 'string', 'list']
  return left === right && stays.includes(left) ? left : 'dyn'
}

const times = ['timestamp', 'duration'] as const

export const arithmeticOperators: Readonly<Record<string, Arithmetic>> = {
  '_+_': binary('+', ['int', 'double', 'string', 'list', ...times], add),
  '_-_': binary('-', ['int', 'double', ...times], subtract),
  '_*_': binary('*', ['int', 'double'], multiply),
  '_/_': binary('/', ['int', 'double'], divide),
  '_%_': binary('%', ['int'], modulo),
  '-_': (compilation, [operand], offset) => {
    expectKind(compilation, operand!, ['int', 'double'], '-')
    const { evaluate, kind } = operand!
    return {
      evaluate: (scope) => {
        const value = evaluate(scope)
        if (typeof value === 'number') return -value
        return typeof value === 'bigint' ? int64(-value) : failed
      },
      kind,
      fields: {},
      offset,
    }
  },
}
