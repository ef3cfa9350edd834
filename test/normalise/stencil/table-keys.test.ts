import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TableKeys } from '../../../src/normalise/stencil/table-keys.ts'

const keysOf = (keys: readonly string[]) => {
  const made = new TableKeys()
  for (const key of keys) made.add(key)
  return made
}

const mayHave = (keys: TableKeys, text: string) => {
  const bytes = Buffer.from(`"${text}"`)
  return keys.mayHave(bytes, 1, bytes.length - 1)
}

test('every key is found, in whichever case it is written', () => {
  const ascii = fc.string({ unit: 'grapheme-ascii' })
  fc.assert(
    fc.property(fc.array(ascii, { minLength: 1 }), fc.nat(), (texts, n) => {
      const keys = keysOf(texts)
      const one = texts[n % texts.length]!
      for (const text of [one, one.toUpperCase(), one.toLowerCase()]) expect(mayHave(keys, text)).toBe(true)
    }),
  )
})

test('what begins like no key, or is none of them, is none', () => {
  const keys = keysOf(['info', 'warn'])
  for (const text of ['debug', 'inform', 'w', '']) expect(mayHave(keys, text)).toBe(false)
})

test('what bytes do not tell may be one: escapes, and letters that are folded to those of ASCII', () => {
  const keys = keysOf(['kind'])
  for (const text of ['\\u006bind', 'ki\\u006ed', '\u212aind']) expect(mayHave(keys, text)).toBe(true)
})

test('the empty key is found, too', () => {
  expect(mayHave(keysOf(['']), '')).toBe(true)
})
