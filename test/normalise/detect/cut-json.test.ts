import { expect, test } from 'vitest'
import { closeJson } from '../../../src/normalise/detect/cut-json.ts'

test.each([
  ['{"a":1,"b":{"c":[1,2,{"d":"x', '{"a":1,"b":{"c":[1,2,{}]}}'],
  ['{"a":"}],","b":tru', '{"a":"}],"}'],
  ['{"a":"x\\",","b":2', '{"a":"x\\","}'],
  [' \n[{"a":{}},{"b"', ' \n[{"a":{}},{}]'],
  ['{"a":1}', '{"a":1}'],
  ['{', '{}'],
])('%j', (text, closed) => {
  expect(closeJson(text)).toBe(closed)
  expect(() => JSON.parse(closed)).not.toThrow()
})

test('wherever an object is cut, what is left is an object', () => {
  const text = JSON.stringify({ Records: [{ a: 'x,y"{', b: [1, [2, { c: null }]] }, {}], n: -1.5e3 })
  for (let end = 1; end <= text.length; end++) {
    expect(typeof JSON.parse(closeJson(text.slice(0, end))!)).toBe('object')
  }
})

test('text is nothing to close', () => {
  expect(closeJson('type=SYSCALL {')).toBeUndefined()
  expect(closeJson('')).toBeUndefined()
})

test('what is a million levels deep is closed as fast as it is long', () => {
  const text = '['.repeat(1_000_000)
  expect(closeJson(text)).toBe(text + ']'.repeat(1_000_000))
})
