import { expect, test } from 'vitest'
import { CelError } from '../../src/cel/error.ts'
import { readsOf } from '../../src/cel/reads.ts'

test.each([
  ['action', ['action']],
  [
    'actor.type == "x" && actor.type != "y" || operation in ["a", session.id]',
    ['actor.type', 'operation', 'session.id'],
  ],
  [
    'has(actor.email) ? size(targets) > 1 : timestamp(time).getHours() < 9',
    ['actor.email', 'targets', 'time'],
  ],
  ['targets[0].id == "a"', ['targets']],
  ['targets.exists(t, t.id == actor.id && t.labels.all(l, l != action))', ['targets', 'actor.id', 'action']],
  ['targets.filter(t, t.type == "x").map(t, t.id) == [severity]', ['targets', 'severity']],
  ['{"a": metadata.b}[message] == 1', ['message', 'metadata.b']],
  ['actor.id.startsWith(source.ip)', ['actor.id', 'source.ip']],
  ['1 < 2', []],
])('%s', (source, expected) => {
  expect(
    readsOf(source)
      .map((path) => path.join('.'))
      .sort(),
  ).toEqual(expected.toSorted())
})

test('what is no expression is said as everywhere', () => {
  expect(() => readsOf('actor.')).toThrow(CelError)
})
