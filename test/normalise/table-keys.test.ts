// An asterisk within a key of a table is a character like any other: such a key of a preset would never be met.
import { expect, test } from 'vitest'
import { findPreset, presetNames } from '../../src/normalise/presets.ts'

const literal = (key: string): boolean => /[^*]\*[^*]|^\*.*[^*].*\*$/.test(key)

function tableKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => [
    ...(name === 'table' && typeof member === 'object' && member !== null ? Object.keys(member) : []),
    ...tableKeys(member),
  ])
}

test.each(presetNames())('%s: an asterisk stands at the beginning of a key, or at its end', (name) => {
  expect(tableKeys(findPreset(name)).filter(literal)).toEqual([])
})

test.each([
  ['create*', false],
  ['*_failed', false],
  ['*', false],
  ['Client*Error', true],
  ['*stat*', true],
])('%s is a literal: %s', (key, is) => {
  expect(literal(key)).toBe(is)
})
