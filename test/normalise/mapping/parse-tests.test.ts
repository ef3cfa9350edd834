import { expect, test } from 'vitest'
import { parseMapping } from '../../../src/normalise/mapping/parse-mapping.ts'
import { findPreset } from '../../../src/normalise/presets.ts'

test('input is lines, objects, or both; one expected event or several', () => {
  const tests = [
    { name: 'text', input: 'a=1\na=2\n', expect: [{ action: 'x' }, {}] },
    { name: 'object', input: { a: [1] }, expect: { action: 'x' } },
    { name: 'both', input: ['{"a": 1.0}', { a: 2 }], expect: [], zone: 'Europe/Berlin' },
    { name: 'when', input: 'a', expect: {}, observed: '2026-01-01T00:00:00+01:00' },
  ]
  expect(parseMapping({ tests }, findPreset).mapping?.tests).toEqual([
    { name: 'text', input: 'a=1\na=2', expect: [{ action: 'x' }, {}] },
    { name: 'object', input: '{"a":[1]}', expect: [{ action: 'x' }] },
    { name: 'both', input: '{"a": 1.0}\n{"a":2}', expect: [], zone: 'Europe/Berlin' },
    { name: 'when', input: 'a', expect: [{}], observed: Date.UTC(2025, 11, 31, 23) },
  ])
})

test.each([
  [{ name: 'a' }, ['tests'], 'a list belongs here'],
  [['a'], ['tests', 0], 'an object belongs here'],
  [[{ input: 'a', expect: {} }], ['tests', 0, 'name'], 'needs a name'],
  [[{ name: 'a', expect: {} }], ['tests', 0, 'input'], 'the line or lines'],
  [[{ name: 'a', input: [], expect: {} }], ['tests', 0, 'input'], 'the line or lines'],
  [[{ name: 'a', input: [7], expect: {} }], ['tests', 0, 'input'], 'the line or lines'],
  [[{ name: 'a', input: 'a' }], ['tests', 0, 'expect'], 'an event with the members that matter'],
  [[{ name: 'a', input: 'a', expects: {}, expect: {} }], ['tests', 0, 'expects'], 'unknown'],
  [[{ name: 'a', input: 'a', expect: {}, zone: 'Berlin' }], ['tests', 0, 'zone'], 'Berlin'],
  [[{ name: 'a', input: 'a', expect: {}, observed: 'now' }], ['tests', 0, 'observed'], 'when the lines'],
])('%j is wrong', (tests, path, message) => {
  const { problems = [] } = parseMapping({ tests }, findPreset)
  expect(problems).toEqual([{ path, message: expect.stringContaining(message) }])
})
