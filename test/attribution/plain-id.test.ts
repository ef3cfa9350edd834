import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPlainId } from '../../src/attribution/plain-id.ts'
import { looksSecret, tokenPattern } from '../../src/attribution/secret-forms.ts'

const isPlain = (text: string) => {
  const bytes = Buffer.from(` ${text} `)
  return isPlainId(bytes, 1, bytes.length - 1)
}

test('the ids that most logs have are plain', () => {
  for (const id of [
    'sess_ssxf3w',
    'u_2417',
    '2e6389af-b8bc-4c26-92d2-714fbe9cb4fa',
    'AKIAIOSFODNN7EXAMPLE',
    '00T1bjatrp6Nl1dOc5d7',
    '',
  ]) {
    expect(isPlain(id), id).toBe(true)
  }
})

test('no text of letters, digits and what ids are written with is plain and looks like a secret', () => {
  const unit = fc.constantFrom(...'abfghiklmnoprstvwxyzABCFIMQTZ0123456789_-.:=~ /'.split(''))
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (text) => {
      expect(isPlain(text) && looksSecret(text)).toBe(false)
    }),
    { numRuns: 5000 },
  )
})

test('no token is plain, whichever form it has', () => {
  // Without what looks behind and ahead, which a text of nothing but the token needs not.
  const forms = new RegExp(`^(?:${tokenPattern.replaceAll(/\(\?<?[=!](?:[^()[\]]|\[[^\]]*\])*\)/g, '')})$`)
  fc.assert(
    fc.property(fc.stringMatching(forms), (token) => {
      expect(isPlain(token), token).toBe(false)
    }),
    { numRuns: 2000 },
  )
})
