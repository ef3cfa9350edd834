/** Whatever is written and whatever comes: a refusal or a condition, and a condition never throws. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileCondition } from '../../src/cel/condition.ts'
import { CelError } from '../../src/cel/error.ts'

const tokens = fc.constantFrom(
  'a',
  'b.c',
  'x',
  '"s"',
  "'",
  '"""',
  'r"\\d"',
  '1',
  '-1',
  '1.5e3',
  '9223372036854775807',
  '0x1f',
  '1u',
  'b"y"',

  'true',
  'null',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  ',',
  ':',
  '?',
  '.',
  '!',
  '-',
  '+',
  '*',
  '/',
  '%',
  '&&',
  '||',

  '==',
  '!=',
  '<',
  '<=',
  'in',
  '=',
  '&',
  ' ',
  '\n',
  '// c\n',
  '\\',
  '😀',
  '\u0000',
  '\ud800',
  'has(a.b)',
  'has(',

  '.exists(x, x == 1)',
  '.map(x, x)',
  '.filter(x,',
  '.all(',
  'size(',
  '.matches("(a")',
  '.matches(a)',
  'int(a)',

  'timestamp("2026-02-30T00:00:00Z")',
  'duration(a)',
  '.getHours(a)',
  '__proto__',
  'a.constructor',
  'Msg{a: 1}',
)
const operand = fc.constantFrom(
  'a',
  'b.c',
  'b.c[0]',
  'a["x"]',
  'a.constructor',
  'a.__proto__',
  'has(a.length)',
  'a.size()',
  'size(b.c)',
  '-(a)',

  'a.exists(x, x == 1)',
  'b.c.map(x, x)',
  'a.all(x, x.y)',
  'a.matches("(a")',
  'b.c.matches(a)',
  'int(a)',
  'string(b.c)',

  'timestamp(a)',
  'duration(b.c)',
  'timestamp(a).getHours(b.c)',
  'double(a)',
  'bool(a)',
  '1',
  '"s"',
  '{a: 1}',
  '[a]',
)
const operator = fc.constantFrom('==', '!=', '<', '>=', '+', '-', '*', '/', '%', 'in', '&&', '||', '? a :')
const wellFormed = fc
  .array(fc.tuple(operand, operator), { minLength: 1, maxLength: 5 })
  .map((pairs) => `${pairs.flat().join(' ')} a`)
const source = fc.oneof(
  wellFormed,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(tokens, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(tokens, { maxLength: 12 }).map((parts) => parts.join(' ')),
)

test('refused with a place, or compiled; evaluated without an exception', () => {
  let compiled = 0
  fc.assert(
    fc.property(source, fc.array(fc.jsonValue(), { minLength: 2, maxLength: 2 }), (text, [a, b]) => {
      let condition: (scope: Readonly<Record<string, unknown>>) => boolean
      try {
        condition = compileCondition(text, { a: true, b: { c: true } })
      } catch (error) {
        expect(error).toBeInstanceOf(CelError)
        if (!(error instanceof CelError)) return
        const lines = text.split('\n')
        expect(error.line).toBeLessThanOrEqual(lines.length)
        expect(error.column).toBeLessThanOrEqual(lines[error.line - 1]!.length + 1)
        expect(error.message).not.toBe('')
        return
      }
      compiled++
      expect(typeof condition({ a, b })).toBe('boolean')
    }),
    { numRuns: 600 },
  )
  // About one in sixteen is an expression by chance: enough that both outcomes were met.
  expect(compiled).toBeGreaterThan(5)
})
