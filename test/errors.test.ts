// Codes and docs are held against each other in both directions.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AffiantError, asError, errorTable, systemCode } from '../src/errors.ts'

const docs = join(import.meta.dirname, '../docs')

test('docs/errors.md has every code, and no other', () => {
  const page = readFileSync(join(docs, 'errors.md'), 'utf8')
  const documented = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1])
  expect(new Set(documented)).toEqual(new Set(Object.keys(errorTable)))
})

test('every exit code in use is explained in docs/operating.md, and no other', () => {
  const page = readFileSync(join(docs, 'operating.md'), 'utf8')
  const documented = [...page.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]))
  const used = new Set([0, ...Object.values(errorTable).map(({ exit }) => exit)])
  expect(documented).toEqual([...used].toSorted((a, b) => a - b))
})

test('a passing fault is never 500 to a client, and what is retryable says so in HTTP', () => {
  for (const [code, { http, retryable }] of Object.entries(errorTable)) {
    if (retryable && http >= 500 && !code.startsWith('data_dir'))
      expect([429, 502, 503, 504], code).toContain(http)
  }
})

test('an error carries its definition, its hint and its cause', () => {
  const cause = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' })
  const error = new AffiantError('address_in_use', '127.0.0.1:4318 is taken', { hint: 'stop it', cause })
  expect(error.definition.exit).toBe(69)
  expect(error.hint).toBe('stop it')
  expect(systemCode(error.cause)).toBe('EADDRINUSE')
  expect(asError('text').message).toBe('text')
})
