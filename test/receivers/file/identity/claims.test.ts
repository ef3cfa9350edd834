import { expect, test } from 'vitest'
import { StreamClaims } from '../../../../src/receivers/file/identity/claims.ts'

const head = { length: 1, sha256: 'h' }

test('a stream belongs to the first that claims it, until its input is gone', () => {
  const claims = new StreamClaims()
  expect(claims.claim('s1', head, 'app')).toBe('app')
  expect(claims.claim('s1', head, 'other')).toBe('app')
  expect(claims.claim('s1', head, 'app')).toBe('app')
  expect(claims.claim('s2', head, 'other')).toBe('other')
  claims.release('s1')
  expect(claims.claim('s1', head, 'other')).toBe('other')
})

test('a file with the same inode that was born at another time is another one', () => {
  const claims = new StreamClaims()
  const [gone, present] = [
    { key: '1:2', born: 5n },
    { key: '1:2', born: 6n },
  ]
  expect(claims.claimFile(gone, 'app')).toBe('app')
  expect(claims.claimFile(gone, 'other')).toBe('app')
  expect(claims.claimFile(present, 'other')).toBe('other')
  claims.releaseFile(gone, 'app')
  expect(claims.claimFile(present, 'app')).toBe('other')
})

test('where nobody knows when files were born, one is looked at again once the other is gone', () => {
  const claims = new StreamClaims()
  const [gone, present] = [
    { key: '1:2', born: 5n },
    { key: '1:2', born: 0n },
  ]
  let released = 0
  expect(claims.claimFile(gone, 'app')).toBe('app')
  expect(claims.claimFile(present, 'other', () => released++)).toBe('app')
  claims.releaseFile(gone, 'other')
  expect(released).toBe(0)
  claims.releaseFile(gone, 'app')
  expect(released).toBe(1)
  expect(claims.claimFile(present, 'other')).toBe('other')
})

test('who reads streams that begin alike is known until the last of them is gone', () => {
  const claims = new StreamClaims()
  claims.claim('s1', head, 'app')
  claims.claim('s2', head, 'other')
  claims.claim('s3', head, 'app')
  expect(claims.readersOf(head)).toEqual(['app', 'other'])
  claims.release('s1')
  expect(claims.readersOf(head)).toEqual(['app', 'other'])
  claims.release('s3')
  expect(claims.readersOf(head)).toEqual(['other'])
  claims.release('s2')
  claims.release('s2')
  expect(claims.readersOf(head)).toEqual([])
  expect(claims.readersOf({ length: 1, sha256: 'other' })).toEqual([])
})
