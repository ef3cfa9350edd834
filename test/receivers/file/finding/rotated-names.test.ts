import { expect, test } from 'vitest'
import { lineage } from '../../../../src/receivers/file/finding/lineage.ts'
import {
  isNamedAsCopy,
  isNumbered,
  isRotationOf,
  originsOf,
} from '../../../../src/receivers/file/finding/rotated-names.ts'

test.each([
  '/var/log/app.log.1',
  '/var/log/app.log.10.gz',
  '/var/log/app.log1',
  '/var/log/app.log-20261123',
  '/var/log/app.log.2026-11-23T10:00:00+01:00',
  '/var/log/app-20261122.log',
  '/var/log/app-20261122.log.gz',
  '/var/log/app-2026-11-22T10-00-00.000.log',
  '/var/log/old/app.log.3',
])('%s is a rotation of app.log', (path) => {
  expect(isRotationOf(path, '/var/log/app.log')).toBe(true)
})

test.each([
  'app.log',
  'app.log.gz',
  'app.log.bak',
  'app.log.1.bak',
  'app.log.',
  'app',
  'my-app.log.1',
  'app.logs.1',
])('%s is none', (name) => {
  expect(isRotationOf(`/var/log/${name}`, '/var/log/app.log')).toBe(false)
})

test('a number before the extension may be that of another instance', () => {
  for (const name of ['app.1.log', 'app-2.log', 'app_03.log.gz']) {
    expect(isRotationOf(name, 'app.log')).toBe(false)
    expect(isNumbered(name, 'app.log')).toBe(true)
    expect(originsOf(name)).toEqual([])
  }
})

test('half a number is no origin', () => {
  expect(originsOf('/a/app.log.10')).toEqual(['/a/app.log'])
  expect(isRotationOf('/a/app.log.10', '/a/app.log.1')).toBe(false)
})

test.each([
  ['/a/app.log.1', '/a/app.log', true],
  ['/old/app.log.1', '/a/app.log', true],
  ['/a/app.log.2', '/a/app.log.1', true],
  ['/a/app.log.2.gz', '/a/app.log.1', true],
  ['/a/app.log', '/a/app.log.1', true],
  ['/b/app.log.2', '/a/app.log.1', false],
  ['/a/web.log.2', '/a/app.log.1', false],
  ['/a/web.log', '/a/app.log', false],
])('a copy %s of what is at %s: %s', (copy, path, expected) => {
  expect(isNamedAsCopy(copy, path)).toBe(expected)
})

test('the files of a container that began again and again', () => {
  expect(lineage('/c/app.log', ['/p/0.log', null, '/p/3.log'])).toEqual([
    '/c/app.log',
    '/p/0.log',
    '/p/1.log',
    '/p/2.log',
    '/p/3.log',
  ])
  expect(lineage('/c/app.log', ['/p/0.log', '/q/2.log', undefined, '/q/2.log'])).toEqual([
    '/c/app.log',
    '/p/0.log',
    '/q/2.log',
  ])
  expect(lineage('/c/app.log', ['/p/3.log', '/p/1.log'])).toEqual(['/c/app.log', '/p/3.log', '/p/1.log'])
})
