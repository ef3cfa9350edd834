import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oversizeRecord } from '../../../src/receivers/server/record-limit.ts'

/** Of characters of one to four bytes. */
const texts = fc.array(fc.constantFrom('a', 'é', '€', '😀')).map((characters) => characters.join(''))

test('more bytes than the limit, whatever the characters', () => {
  fc.assert(
    fc.property(texts, fc.nat(40), (text, limit) => {
      const bytes = Buffer.from(text)
      const record = oversizeRecord(text, limit)
      if (bytes.length <= limit) expect(record).toBeUndefined()
      else {
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        expect(record).toEqual({ text, oversize: { size: bytes.length, sha256 } })
      }
    }),
  )
})

test.each(['a', 'é', '€', '😀'])('the head is of whole characters: %s', (character) => {
  const width = Buffer.byteLength(character)
  for (let before = 0; before < 4; before++) {
    const text = 'x'.repeat(before) + character.repeat(70_000)
    const head = oversizeRecord(text, 64 * 1024)!.text
    expect(text.startsWith(head)).toBe(true)
    expect(head.isWellFormed()).toBe(true)
    const room = 64 * 1024 - Buffer.byteLength(head)
    expect(room).toBeGreaterThanOrEqual(0)
    expect(room).toBeLessThan(width)
  }
})
