import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAllowed } from '../../../src/sinks/transport/allowed.ts'

test('a pattern is matched as a whole, stars stand for any text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', '*', '.', 'ab'), { maxLength: 8 }),
      fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 10 }),
      (pattern, value) => {
        const oracle = new RegExp(
          `^${pattern.map((part) => (part === '*' ? '.*' : part.replace('.', '\\.'))).join('')}$`,
          's',
        )
        expect(isAllowed(value.join(''), [pattern.join('')])).toBe(oracle.test(value.join('')))
      },
    ),
    { numRuns: 2000 },
  )
})

test('one of several is enough, none is not', () => {
  expect(isAllowed('team_a', ['main', 'team_*'])).toBe(true)
  expect(isAllowed('_internal', ['main', 'team_*'])).toBe(false)
  expect(isAllowed('main\nX', ['main'])).toBe(false)
  expect(isAllowed('main', [])).toBe(false)
})
