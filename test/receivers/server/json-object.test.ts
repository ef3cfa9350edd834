// What JSON.parse takes for an object, and nothing else, without making one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isJsonObject } from '../../../src/receivers/server/json-object.ts'
import { readObject } from '../../../src/receivers/server/read-object.ts'

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

test.each([
  '{}',
  ' {\t"a" :\r\n[ ] } ',
  '{"":{"":[[],{},""]}}',
  String.raw`{"a\"\\\/\b\f\n\r\t\u00e9\uD800":"\u0000"}`,
  '{"a":[0,-0,1.5,-1e5,1E+05,0e-0,123456789012345678901234567890]}',
  '{"a":true,"b":false,"c":null,"a":1}',
  `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
])('an object: %j', (text) => {
  expect(isJsonObject(text)).toBe(true)
  expect(isObject(text)).toBe(true)
})

test.each([
  '',
  '[]',
  '"{}"',
  '{',
  '{}{}',
  '{},',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{,}',
  '{a:1}',
  "{'a':1}",
  '{"a":1 "b":2}',
  '{"a":[1,]}',
  '{"a":[1}',
  '{"a":{]}',
  '{"a":01}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":-}',
  '{"a":1e}',
  '{"a":tru}',
  '{"a":nul',
  '{"a":NaN}',
  '{"a":"\n"}',
  String.raw`{"a":"\x"}`,
  String.raw`{"a":"\u00g0"}`,
  String.raw`{"a":"\u00`,
  '{"a":"b',
  '\uFEFF{}',
  '{\u00a0}',
  '{"a":/**/1}',
])('none: %j', (text) => {
  expect(isJsonObject(text)).toBe(false)
  expect(isObject(text)).toBe(false)
})

test('any text', () => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"', 'a', '\\', '\\u00', 'e', '-', '+', '.', '0', '1', 'true']
  const odd = fc.array(fc.constantFrom(...pieces, 'null', ' ', '\n', '"k":'), { maxLength: 12 })
  const texts = fc.oneof(
    odd.map((all) => all.join('')),
    odd.map((all) => `{"k":${all.join('')}}`),
    fc.json().map((json) => `{"k":${json}}`),
    fc.tuple(fc.json(), fc.nat()).map(([json, at]) => `{"k":${json.slice(0, at % json.length)}}`),
  )
  fc.assert(
    fc.property(texts, (text) => isJsonObject(text) === isObject(text)),
    { numRuns: 2_000 },
  )
})

test('a large one is made as far as its own members go', () => {
  const long = 'x'.repeat(300_000)
  const text = `{"id":"a\\n","n":1e3,"data":{"x":["${long}"]},"list":[1],"__proto__":1,"no":null}`
  const object = readObject(text)()
  expect(Object.entries(object)).toEqual([
    ['id', 'a\n'],
    ['n', 1000],
    ['data', {}],
    ['list', []],
    ['__proto__', 1],
    ['no', null],
  ])
  expect(() => readObject(`{"a":"${long}"`)).toThrow(SyntaxError)
  expect(() => readObject(`["${long}"]`)).toThrow('an object belongs there, not a list')
})
