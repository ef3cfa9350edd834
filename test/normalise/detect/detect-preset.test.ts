import { describe, expect, test } from 'vitest'
import { readMapping } from '../../../src/normalise/compile-spec.ts'
import { detectPreset } from '../../../src/normalise/detect/detect-preset.ts'
import { presetNames } from '../../../src/normalise/presets.ts'

const kubernetes = { kind: 'Event', apiVersion: 'audit.k8s.io/v1', auditID: 'a' }

test('the preset with the most records has them all', () => {
  const other = { user: 'u_1', event: 'order.read' }
  expect(detectPreset([other, kubernetes, other].map((each) => JSON.stringify(each)))).toEqual({
    preset: 'kubernetes',
    recognised: true,
  })
})

test('a record whose end has not come is recognised by its beginning', () => {
  const text = JSON.stringify({ ...kubernetes, requestObject: { data: 'x'.repeat(100) } })
  expect(detectPreset([text.slice(0, -20)])).toMatchObject({ preset: 'kubernetes' })
  expect(detectPreset([`[${text},`])).toMatchObject({ preset: 'kubernetes' })
})

test.each([
  ['json', ['{"user":"u_1"}', 'starting up', '{"user":"u_2"}']],
  ['json', [{ user: 'u_1' }]],
  ['plain', ['starting up', '{"user":"u_1"}', 'done']],
  ['plain', ['17', '"text"']],
  ['plain', []],
])('%s is what nobody knows', (preset, records) => {
  expect(detectPreset(records)).toEqual({ preset, recognised: false })
})

describe('every preset that can be recognised recognises its own examples', () => {
  const examples = presetNames().flatMap((preset) => {
    const { detect, tests } = readMapping({ preset })
    return detect.length === 0 ? [] : tests.map(({ name, input }) => ({ preset, name, input }))
  })
  test.each(examples)('$preset: $name', ({ preset, input }) => {
    expect(detectPreset(input.split('\n'))).toEqual({ preset, recognised: true })
  })
})
