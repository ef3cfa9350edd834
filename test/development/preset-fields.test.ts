import { expect, test } from 'vitest'
import { fieldsOf } from '../../development/preset-fields.ts'
import { parseMapping } from '../../src/normalise/mapping/parse-mapping.ts'
import { findPreset } from '../../src/normalise/presets.ts'

function uses(raw: object): string[] {
  const { mapping } = parseMapping(raw, findPreset)
  return fieldsOf(mapping!).uses.map(({ field, member, how }) => `${field} → ${member}${how && ` (${how})`}`)
}

test('paths, alternatives, tables, templates and times', () => {
  expect(
    uses({
      action: { template: 'k8s:{verb}:[{group|api}/]{kind}' },
      'actor.id': ['user.id', { path: '"user.name"', split: '@', part: 0 }],
      'outcome.result': { path: 'code', table: { '<400': 'success' } },
      time: { path: 'at', format: 'unix_ms' },
    }),
  ).toEqual([
    'verb → action (in a text)',
    'group → action (in a text)',
    'api → action (in a text)',
    'kind → action (in a text)',
    'user.id → actor.id',
    '"user.name" → actor.id (part)',
    'code → outcome.result (translated)',
    'at → time (as unix_ms)',
  ])
})

test('what variables are made of, elements of lists, and names that are computed', () => {
  expect(
    uses({
      let: { noun: { path: '$action', split: '.', part: 0 } },
      action: 'event',
      targets: [
        { type: '$noun', id: { field: '{$noun}_id' } },
        {
          each: 'items',
          id: '.',
          name: '$.title',
          attributes: { size: 'n' },
          scope: { type: { const: 'shop' }, id: 'shop' },
        },
      ],
    }),
  ).toEqual([
    'event → action',
    'event → targets[].type (part)',
    expect.stringMatching(/_id.* → targets\[\]\.id \(name computed\)$/),
    'items[] → targets[].id',
    'title → targets[].name',
    'items[].n → targets[].attributes.size',
    'items[].shop → targets[].scope[].id',
  ])
})

test('constants are told apart', () => {
  const { mapping } = parseMapping(
    { 'producer.product': { const: 'shop' }, scope: { type: { const: 'org' }, id: 'o' } },
    findPreset,
  )
  expect(fieldsOf(mapping!)).toMatchObject({
    uses: [{ field: 'o', member: 'scope[].id' }],
    constants: [
      { member: 'producer.product', value: 'shop' },
      { member: 'scope[].type', value: 'org' },
    ],
  })
})
