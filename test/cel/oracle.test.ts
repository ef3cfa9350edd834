/** Random expressions over random scopes, held against @bufbuild/cel's own evaluator. */
import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileExpression } from '../../src/cel/compile.ts'
import { CelError } from '../../src/cel/error.ts'
import { failed } from '../../src/cel/value.ts'

const scalar = fc.oneof(
  fc.constantFrom<CelInput>('', 'a', 'ab', 'b', 'ü', '😀', 'length', true, false, null),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, 1.5, -0.5),
)

/** The library's `has` is false for a member that is null; CEL's own, and ours, is true. */
const member = scalar.filter((value) => value !== null)

const item = fc.record({ k: member, v: member }, { requiredKeys: [], noNullPrototype: true })

const scope = fc.record(
  {
    s: fc.constantFrom('', 'a', 'ab', 'ba', '😀b'),
    n: fc.integer({ min: -2, max: 4 }),
    f: fc.constantFrom(0.5, 1, 2.5),
    b: fc.boolean(),
    x: scalar,
    o: fc.record(
      { k: member, toString: member, length: member },
      { requiredKeys: [], noNullPrototype: true },
    ),
    l: fc.array(scalar, { maxLength: 4 }),
    i: fc.array(item, { maxLength: 3 }),
  },
  { requiredKeys: ['o', 'l', 'i'], noNullPrototype: true },
)
const variables = { s: true, n: true, f: true, b: true, x: true, o: true, l: true, i: true } as const

const join = (separator: string, ...parts: fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((all) => `(${all.join(separator)})`)

const { bool } = fc.letrec<{ bool: string; value: string; text: string; number: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'e' },
    fc.constantFrom(
      'x',
      'o.k',
      'o.toString',
      'o.length',
      'o["k"]',
      'o.absent',
      'l[0]',
      'l[1]',
      'l[n]',
      'i[0].k',
    ),
    fc.constantFrom('"a"', '"ab"', '1', '0', '1.0', '-0.5', 'null', 'true', '[1, "a"]', '{"k": 1}', 'l', 'o'),
    tie('text'),
    tie('number'),
    tie('bool'),
    fc.tuple(tie('bool'), tie('value'), tie('value')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
  text: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'e' },
    fc.constantFrom('s', '"a"', '"b"', 'string(n)', 'x', 'i[0].v'),
    join(' + ', tie('text'), tie('text')),
  ),
  number: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'e' },
    fc.constantFrom(
      'n',
      'f',
      'size(s)',
      'size(l)',
      'i.size()',
      '2',
      '1.5',
      'int(n)',
      'double(n)',
      'int(f)',
      'x',
    ),
    fc.tuple(fc.constantFrom('+', '-', '*'), tie('number')).map(([op, a]) => `(${a} ${op} ${a})`),
    fc
      .tuple(fc.constantFrom('/', '%'), fc.integer({ min: -2, max: 2 }))
      .map(([op, by]) => `(int(n) ${op} ${by})`),
    tie('number').map((a) => `-(${a})`),
  ),
  bool: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'e' },
    fc.constantFrom('b', 'true', 'false', 'has(o.k)', 'has(o.absent)', 'has(o.length)', 'o.absent == 1', 'x'),
    fc
      .tuple(fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('value'), tie('value'))
      .map(([op, a, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('number'), tie('number'))
      .map(([op, a, b]) => `(${a} ${op} ${b})`),
    join(' && ', tie('bool'), tie('bool')),
    join(' || ', tie('bool'), tie('bool')),
    tie('bool').map((a) => `!(${a})`),
    fc
      .tuple(
        fc.constantFrom('startsWith', 'endsWith', 'contains', 'matches'),
        tie('text'),
        fc.constantFrom('"a"', '"b"', 's'),
      )
      .map(([name, a, b]) => `${a}.${name}(${b})`),
    fc
      .tuple(tie('value'), fc.constantFrom('l', '["a", "b"]', '[1, true]', 'o', '[n, x]', 'x'))
      .map(([a, b]) => `(${a} in ${b})`),
    fc
      .tuple(
        fc.constantFrom('exists', 'all', 'exists_one'),
        fc.constantFrom('l', 'i', 'o', 'x', '[1, 2]'),
        fc.constantFrom(
          't == x',
          't.k == x',
          't == "a" || t > 0',
          't.k == t.v',
          't != n',
          'has(t.k)',
          'l.exists(u, u == t)',
        ),
      )
      .map(([name, list, body]) => `${list}.${name}(t, ${body})`),
    fc.constantFrom('l.filter(t, t != 1).size() > 1', 'i.map(t, t.k) == l', 'l.map(t, t == x, t) == [x]'),
  ),
}))

/** Where we differ on purpose: an int that meets a double in arithmetic becomes one. */
const arithmetic = /found no matching overload for '?_[-+*/%]_/

test('agrees with the library, errors included', () => {
  const env = celEnv()
  let compared = 0
  let decided = 0
  fc.assert(
    fc.property(bool, fc.array(scope, { minLength: 3, maxLength: 3 }), (source, scopes) => {
      let evaluate: (scope: Readonly<Record<string, unknown>>) => unknown
      try {
        evaluate = compileExpression(source, variables).evaluate
      } catch (error) {
        // our checker knows some kinds and refuses what could only fail, or what nobody would mean
        if (error instanceof CelError) return
        throw error
      }
      const oracle = plan(env, parse(source))
      for (const bindings of scopes) {
        const expected = oracle(bindings)
        const actual = evaluate(bindings)
        if (isCelError(expected) && arithmetic.test(expected.message)) continue
        compared++
        if (actual !== failed) decided++
        expect(actual, source).toBe(isCelError(expected) ? failed : expected)
      }
    }),
    { numRuns: 500 },
  )
  expect(compared).toBeGreaterThan(500)
  expect(decided).toBeGreaterThan(250)
})
