import { matchesGlob as library } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesGlob } from '../../../../src/receivers/file/finding/glob.ts'

const piece = fc.constantFrom(
  'a',
  'b',
  '.',
  '-',
  'log',
  '*',
  '?',
  '/',
  '/',
  'é',
  '𝒳',
  '$',
  '^',
  '\n',
  '|',
  ' ',
)
const glob = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
const path = fc
  .array(fc.constantFrom('a', 'b', '.', '-', 'log', '/', '/', 'é', '𝒳', '$', '^', '\n', '|', ' ', '*', '?'), {
    maxLength: 8,
  })
  .map((pieces) => pieces.join(''))

test('what matches is what the library of Node says', () => {
  fc.assert(
    fc.property(glob, path, (pattern, name) => {
      for (const one of [pattern, `/${pattern}`]) {
        for (const other of [name, `/${name}`]) {
          expect({ one, other, matches: matchesGlob(other, one) }).toEqual({
            one,
            other,
            matches: library(other, one),
          })
        }
      }
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['/var/log/app/*.log', '/var/log/app/audit.log', true],
  ['/var/log/app/*.log', '/var/log/app/.audit.log', false],
  ['/var/log/app/*.log', '/var/log/app/x/audit.log', false],
  ['/var/log/*/audit.log', '/var/log/app/audit.log', true],
  ['/var/log/app/audit.log.?', '/var/log/app/audit.log.1', true],
  ['/var/log/**/*.log', '/var/log/app/x/audit.log', true],
  ['/var/log/{app,db}/*.log', '/var/log/db/audit.log', true],
])('%s: %s %s', (pattern, name, matches) => {
  expect(matchesGlob(name, pattern)).toBe(matches)
})
