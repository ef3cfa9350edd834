import { expect, test } from 'vitest'
import { createKeyedHash, hashKeyOf, randomHashKey } from '../../src/attribution/keyed-hash.ts'

const hex = (text: string) => Buffer.from(text).toString('hex')

test('HMAC-SHA-256, as RFC 4231 has it', () => {
  const second = createKeyedHash([{ id: 'rfc', secret: hex('Jefe') }])
  expect(second('what do ya want for nothing?')).toBe(
    'hmac-sha256:rfc:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('the first key hashes; each key has its own hashes, and each text', () => {
  const [a, b] = [randomHashKey(), randomHashKey()]
  const hash = createKeyedHash([a, b])
  expect(hash('x')).toBe(createKeyedHash([a])('x'))
  expect(hash('x')).not.toBe(createKeyedHash([b])('x'))
  expect(new Set(['', 'x', 'X', 'x ', 'é'].map(hash)).size).toBe(5)
  expect(() => createKeyedHash([])).toThrow('needs a key')
})

test('a key that was made says which it is, and nothing of what it is', () => {
  const { id, secret } = hashKeyOf(Buffer.alloc(32, 1))
  expect(id).toBe('local-72cd6e84')
  expect(secret).toBe('01'.repeat(32))
})
