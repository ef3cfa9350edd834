import { expect, test } from 'vitest'
import { Patterns } from '../../../../src/receivers/file/finding/pattern.ts'

test.each([
  ['logs/a.log', '/srv/logs', '/srv/logs/a.log', '/srv/logs/b.log'],
  ['/var/log/*.log', '/var/log', '/var/log/a.log', '/var/log/x/a.log'],
  ['/var/log/*/audit-[0-9].log', '/var/log', '/var/log/x/audit-1.log', '/var/log/x/audit-x.log'],
  ['/var/**/audit.log', '/var', '/var/a/b/c/audit.log', '/var/a/b/c/other.log'],
  ['/*.log', '/', '/a.log', '/x/a.log'],
  ['/var/{log,spool/app}/a.log', '/var', '/var/spool/app/a.log', '/var/app/a.log'],
  ['/var/log/odd[1].log', '/var/log', '/var/log/odd[1].log', '/var/log/odd[2].log'],
])('%s is watched from %s', (pattern, base, match, other) => {
  const patterns = new Patterns([pattern], [], '/srv')
  expect(patterns.include.map((include) => include.base)).toEqual([base])
  expect(patterns.matches(match)).toBe(true)
  expect(patterns.matches(other)).toBe(false)
})

test('only directories that can hold a match are watched', () => {
  const patterns = new Patterns(
    ['/var/log/*/audit/*.log', '/opt/app.log', '/data/**/x.log', '/b/{c/d,e}/f/*.log'],
    [],
  )
  const held = ['/', '/var', '/var/log', '/var/log/x', '/var/log/x/audit', '/opt', '/data/a/b/c', '/b/c/d/f']
  const pruned = ['/etc', '/var/lib', '/var/log/x/other', '/var/log/x/audit/y', '/opt/app.log']
  expect(held.filter((directory) => !patterns.mayHold(directory))).toEqual([])
  expect(pruned.filter((directory) => patterns.mayHold(directory))).toEqual([])
})

test('exclude: names without a slash, paths with one', () => {
  const patterns = new Patterns(['/var/log/**'], ['*.tmp', '/var/log/private/*'])
  expect(patterns.matches('/var/log/a/b.tmp')).toBe(false)
  expect(patterns.matches('/var/log/private/a.log')).toBe(false)
  expect(patterns.matches('/var/log/public/a.log')).toBe(true)
})
