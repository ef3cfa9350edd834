// An asterisk that would be a character like any other, and a key that never meets a thing, are told of.
import { expect, test } from 'vitest'
import { parseMapping } from '../../src/normalise/mapping/parse-mapping.ts'
import { compileTable, keyProblem } from '../../src/normalise/mapping/table.ts'
import { findPreset, presetNames } from '../../src/normalise/presets.ts'

test.each(presetNames())('%s: an asterisk stands at the beginning of a key, or at its end', (name) => {
  expect(parseMapping(findPreset(name), findPreset).problems ?? []).toEqual([])
})

test.each(['create*', '*_failed', '*', '<400', '401..403', '-2..-1', '5..5', 'a', ''])(
  '%j is a key',
  (key) => {
    expect(keyProblem(key)).toBeUndefined()
  },
)

test.each([
  ['Client*Error', 'ClientSideError'],
  ['*stat*', 'fstatat'],
  ['a**', 'ab'],
  ['**', 'a'],
  ['*a*b', 'xab'],
])('%s is none: it would not meet %s', (key, value) => {
  expect(compileTable({ [key]: true }, false).find(value)).toBeUndefined()
  expect(keyProblem(key)).toMatch(/^one asterisk, at the beginning or the end/)
})

test.each(['5..1', '-1..-2', '1.5..1.25'])('no number lies in %s', (key) => {
  const mapping = { extends: 'json', 'outcome.result': { path: 'n', table: { [key]: 'success' } } }
  const [low, high] = key.split('..')
  expect(parseMapping(mapping, findPreset).problems).toEqual([
    {
      path: ['outcome.result', 'table', key],
      message: `no number lies in this range: it begins with the smaller one, as in ${high}..${low}`,
    },
  ])
})
