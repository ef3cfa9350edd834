// A text that cannot begin as a pattern wants it is not taken by the pattern.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstBytes } from '../../../src/normalise/stencil/first-byte.ts'
import { compilePattern } from '../../../src/pattern/pattern.ts'

const told = [
  '^[A-Za-z][\\w.-]*$',
  '^arn:',
  '^[^/]+/x',
  '^[\\w-]+',
  '^/a',
  '^[0-9.]+$',
  '^[^\\w]',
  '^[\\d]+:',
]
const untold = [
  'a',
  '^a|b',
  '(?i)^a',
  '^a*b',
  '^a?',
  '^(a)',
  '^\\w',
  '^[[:alpha:]]',
  '^[\\pL]',
  '^a{0,2}',
  '^.',
  '^[a-z]*',
]

test.each(told)('%s', (source) => {
  const first = firstBytes(source)!
  const pattern = compilePattern(source)
  const text = fc.tuple(
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
    fc.constantFrom('', 'rn:', '/x', 'a', '1:'),
  )
  let refused = 0
  fc.assert(
    fc.property(text, ([head, tail]) => {
      if (first[head.charCodeAt(0)] === 1) return
      refused++
      expect(pattern.exec(head + tail)).toBeUndefined()
    }),
    { numRuns: 500 },
  )
  expect(refused).toBeGreaterThan(0)
  expect([first[0x5c], first[0xc3]]).toEqual([1, 1])
})

test.each(untold)('of %s it is not told', (source) => {
  expect(firstBytes(source)).toBeUndefined()
})
