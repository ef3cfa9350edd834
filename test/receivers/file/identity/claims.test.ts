import { expect, test } from 'vitest'
import { StreamClaims } from '../../../../src/receivers/file/identity/claims.ts'

test('a stream belongs to the first that claims it, until its input is gone', () => {
  const claims = new StreamClaims()
  expect(claims.claim('s1', 'app')).toBe('app')
  expect(claims.claim('s1', 'other')).toBe('app')
  expect(claims.claim('s1', 'app')).toBe('app')
  expect(claims.claim('s2', 'other')).toBe('other')
  claims.release('s1')
  expect(claims.claim('s1', 'other')).toBe('other')
})
