import { expect, test } from 'vitest'
import { parseMapping } from '../../../src/normalise/mapping/parse-mapping.ts'
import { findPreset } from '../../../src/normalise/presets.ts'

test('alternatives, each of paths, values and a pattern', () => {
  const detect = [
    { has: ['kind', 'user.id'], equals: { version: ['v1', 2], '"@type"': 'audit/*' } },
    { pattern: '^type=[A-Z_]+ msg=audit\\(' },
  ]
  const { mapping } = parseMapping({ detect }, findPreset)
  expect(mapping?.detect).toMatchObject([
    {
      has: [{ segments: ['kind'] }, { segments: ['user', 'id'] }],
      equals: [
        { path: { segments: ['version'] }, values: ['v1', '2'] },
        { path: { segments: ['@type'] }, values: ['audit/*'] },
      ],
    },
    { has: [], equals: [], pattern: '^type=[A-Z_]+ msg=audit\\(' },
  ])
})

test.each([
  ['text', ['detect'], 'at least one of has, equals, pattern'],
  [[{}], ['detect', 0], 'at least one of has, equals, pattern'],
  [[{ has: ['a'], is: 'b' }], ['detect', 0, 'is'], 'unknown'],
  [[{ hass: ['a'] }], ['detect', 0, 'hass'], 'unknown, did you mean has?; there are has, equals, pattern'],
  [{ has: ['a', 'b..c'] }, ['detect', 'has', 1], 'a key belongs here'],
  [{ equals: { a: { b: 1 } } }, ['detect', 'equals', 'a'], 'a text belongs here'],
  [{ equals: { a: [] } }, ['detect', 'equals', 'a'], 'a text belongs here'],
  [{ pattern: '(?<=a)b' }, ['detect', 'pattern'], 'patterns are RE2'],
])('%j is wrong', (detect, path, message) => {
  const { problems = [] } = parseMapping({ detect }, findPreset)
  expect(problems).toEqual([{ path, message: expect.stringContaining(message) }])
})

test('what a preset is recognised by is not what a mapping that extends it is', () => {
  const detect = [{ has: ['a'] }]
  const base = { version: 1, detect, tests: [], message: 'a' }
  const { mapping } = parseMapping({ extends: 'base' }, () => base)
  expect(mapping).toMatchObject({ detect: [], targets: { message: {} } })
})
