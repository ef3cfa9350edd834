/** `&&`, `||`, `!` and `?:`, where errors are absorbed if the other side decides. */
import { type Compilation, type Evaluate, expectKind, type Node } from './node.ts'
import { failed } from './value.ts'

type Logic = (compilation: Compilation, args: readonly Node[], offset: number) => Node

export const logicOperators: Readonly<Record<string, Logic>> = {
  '_&&_': (compilation, [left, right], offset) => {
    expectKind(compilation, left!, ['bool'], '&&')
    expectKind(compilation, right!, ['bool'], '&&')
    return bool(both(left!.evaluate, right!.evaluate), offset)
  },
  '_||_': (compilation, [left, right], offset) => {
    expectKind(compilation, left!, ['bool'], '||')
    expectKind(compilation, right!, ['bool'], '||')
    return bool(either(left!.evaluate, right!.evaluate), offset)
  },
  '!_': (compilation, [operand], offset) => {
    expectKind(compilation, operand!, ['bool'], '!')
    const evaluate = operand!.evaluate
    return bool((scope) => {
      const value = evaluate(scope)
      return typeof value === 'boolean' ? !value : failed
    }, offset)
  },
  '_?_:_': (compilation, [condition, then, otherwise], offset) => {
    expectKind(compilation, condition!, ['bool'], 'the part before ?')
    const decide = condition!.evaluate
    const yes = then!.evaluate
    const no = otherwise!.evaluate
    return {
      evaluate: (scope) => {
        const decided = decide(scope)
        return decided === true ? yes(scope) : decided === false ? no(scope) : failed
      },
      kind: then!.kind === otherwise!.kind ? then!.kind : 'dyn',
      fields: then!.fields === otherwise!.fields ? then!.fields : true,
      offset,
    }
  },
}

const bool = (evaluate: Evaluate, offset: number): Node => ({ evaluate, kind: 'bool', fields: {}, offset })

const both =
  (left: Evaluate, right: Evaluate): Evaluate =>
  (scope) => {
    const first = left(scope)
    if (first === false) return false
    const second = right(scope)
    if (second === false) return false
    return first === true && second === true ? true : failed
  }

const either =
  (left: Evaluate, right: Evaluate): Evaluate =>
  (scope) => {
    const first = left(scope)
    if (first === true) return true
    const second = right(scope)
    if (second === true) return true
    return first === false && second === false ? false : failed
  }
