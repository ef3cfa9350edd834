import { expect, test } from 'vitest'
import { jsonFault } from '../../../src/receivers/server/json-fault.ts'

function faultOf(text: string): string {
  try {
    JSON.parse(text)
  } catch (thrown) {
    return jsonFault(text, thrown)
  }
  throw new Error('that is JSON')
}

test.each([
  ['foo', "Unexpected token 'o' in JSON at position 1"],
  ['{"password":"hunter2","a":x}', "Unexpected token 'x' in JSON at position 26"],
  ['{"password":"hunter2","a":tru}', "Unexpected token '}' in JSON at position 29"],
  ['[",",,"hunter2"]', "Unexpected token ',' in JSON at position 5"],
  ['\u{1f600}', "Unexpected token '\ud83d' in JSON at position 0"],
  ['{"password":"hunter2"', /at position 21/],
  ['{"password":"hunter2" "a"}', /at position 22/],
])('%s: where, and nothing of what stands there', (text, told) => {
  const fault = faultOf(text)
  expect(fault).toMatch(told)
  expect(fault).not.toMatch(/hunter|password/)
})

test('of a long text the place is not looked for', () => {
  expect(faultOf(`["${'x'.repeat(300_000)}",y]`)).toBe("Unexpected token 'y'")
})

test('another error keeps its message', () => {
  expect(jsonFault('', new Error('full'))).toBe('full')
})
