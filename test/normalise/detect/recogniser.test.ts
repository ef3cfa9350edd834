import { expect, test } from 'vitest'
import { compileRecogniser } from '../../../src/normalise/detect/recogniser.ts'
import { parseMapping } from '../../../src/normalise/mapping/parse-mapping.ts'
import { findPreset } from '../../../src/normalise/presets.ts'

const recogniser = (detect: object) => compileRecogniser(parseMapping({ detect }, findPreset).mapping!.detect)

test.each([
  [{ has: ['a', 'b.c'] }, { a: 0, b: { c: '' } }, 2],
  [{ has: ['a', 'b.c'] }, { a: 1, b: { c: null } }, 0],
  [{ has: ['items[0].id'] }, { items: [{ id: 7 }] }, 1],
  [{ equals: { v: ['1', '2'] } }, { v: 2 }, 100],
  [{ equals: { v: ['audit/*', 'x'] } }, { v: 'audit/v1' }, 100],
  [{ equals: { v: 'audit/*' } }, { v: 'other/v1' }, 0],
  [{ equals: { v: true } }, { v: 'true' }, 100],
  [[{ has: ['a'] }, { has: ['a', 'b'] }], { a: 1, b: 1 }, 2],
  [[{ has: ['x'] }, { has: ['a'] }], { a: 1 }, 1],
  [{ has: ['a'] }, undefined, 0],
  [{ has: ['toString'] }, {}, 0],
])('%j of %j: %j', (detect, record, met) => {
  expect(recogniser(detect)(JSON.stringify(record) ?? '', record)).toBe(met)
})

test('a pattern is found in the line as it was written', () => {
  const detect = { pattern: '^type=[A-Z_]+ msg=audit\\(' }
  expect(recogniser(detect)('type=SYSCALL msg=audit(1.2:3): a', undefined)).toBe(100)
  expect(recogniser(detect)('x type=SYSCALL msg=audit(1.2:3): a', undefined)).toBe(0)
})
