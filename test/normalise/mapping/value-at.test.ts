import { expect, test } from 'vitest'
import { parsePath } from '../../../src/normalise/mapping/path.ts'
import { valueAt } from '../../../src/normalise/mapping/value-at.ts'

const record = {
  a: { 'b.c': [1, { d: null }] },
  items: [
    { type: 'x', id: 1 },
    { type: 2, id: 'second' },
  ],
  t: 'text',
}

test.each([
  ['a."b.c"[0]', 1],
  ['a."b.c"[1].d', null],
  ['items[type=2].id', 'second'],
  ['items[type=y].id', undefined],
  ['a[type=x]', undefined],
  ['t.length', undefined],
  ['toString', undefined],
  ['items[7]', undefined],
])('%s: %j', (path, value) => {
  const parsed = parsePath(path)
  expect('path' in parsed && valueAt(record, parsed.path.segments)).toEqual(value)
})
