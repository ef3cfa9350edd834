import { expect, test } from 'vitest'
import { firstTexts } from '../../../src/receivers/server/first-members.ts'

test.each([
  ['in any order', '{"b":"2","c":{"a":"no"},"a":"1"}', { a: '1', b: '2' }],
  ['one of them', '{"a":"1"}', { a: '1' }],
  ['no text', '{"a":1,"b":null}', {}],
  ['a text behind what is none', '{"a":1,"a":"1"}', { a: '1' }],
  ['written with escapes', String.raw`{"\u0061":"\u0031"}`, { a: '1' }],
  ['before what is no JSON', '{"a":"1",}', { a: '1' }],
  ['that cannot be read', String.raw`{"a":"\x","b":"2"}`, {}],
  ['too long', `{"a":"${'x'.repeat(9000)}","b":"2"}`, { b: '2' }],
  ['too far behind', `{${'"c":0,'.repeat(1000)}"a":"1"}`, {}],
  ['of a list', '["a","b"]', {}],
])('%s', (_name, text, found) => {
  expect(firstTexts(text, ['a', 'b'])).toEqual(found)
})
