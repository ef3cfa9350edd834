import { expect, test } from 'vitest'
import { concealer } from '../../../src/sinks/transport/conceal.ts'

test('secrets go, the longest first, wherever they stand', () => {
  const conceal = concealer(() => ['token', 'token-and-more', undefined, 'ab'])
  expect(conceal('token-and-more, token, ab')).toBe('***, ***, ab')
})

test('in whatever form a destination repeats them', () => {
  const conceal = concealer(() => ['pass"word/ä'])
  for (const form of [
    JSON.stringify({ password: 'pass"word/ä' }),
    `p=${encodeURIComponent('pass"word/ä')}`,
    `Basic ${Buffer.from('pass"word/ä').toString('base64')}`,
  ]) {
    expect(conceal(form)).toContain('***')
    expect(conceal(form)).not.toMatch(/word[/\\]|word%|cGFzcyJ3/)
  }
})

test('they are asked for each time: secrets change', () => {
  let secret = 'first-secret'
  const conceal = concealer(() => [secret])
  secret = 'second-secret'
  expect(conceal('second-secret')).toBe('***')
})

test('what is left is one printable line, and no longer than can be read', () => {
  const conceal = concealer(() => [])
  expect(conceal(' a\r\n\u001b[31mb\u202ec\t')).toBe('a [31mb c')
  expect(conceal('x'.repeat(1000))).toHaveLength(200)
})

test('a secret that would be cut by the limit is concealed before', () => {
  const conceal = concealer(() => ['a-long-secret'])
  expect(conceal(`${'x'.repeat(195)}a-long-secret`)).toBe(`${'x'.repeat(195)}***`)
})
