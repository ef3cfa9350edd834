import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineChecksums, lineTexts, splitLines } from '../../../src/normalise/decode/lines.ts'

function texts(bytes: Uint8Array, atStart = false): (string | undefined)[] {
  const lines = splitLines(bytes, atStart)
  const text = lineTexts(bytes, lines)
  return lines.starts.map((_, i) => text(i))
}

describe('splitLines', () => {
  test.each([
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['a\r\r\n', ['a\r']],
    ['a\rb\n', ['a\rb']],
    ['\n\n  \n\t\r\n\r\na\n\n', ['a']],
    ['  a \n', ['  a ']],
    ['', []],
    ['\n', []],
    ['a', ['a']],
    ['\0\0\0{"a":1}\n', ['{"a":1}']],
    ['\0\0 \0\n', []],
    ['a\0b\0\n', ['a\0b\0']],
    ['é\n日本\n😀\n', ['é', '日本', '😀']],
  ])('%j', (chunk, expected) => {
    expect(texts(Buffer.from(chunk))).toEqual(expected)
  })

  test('gives offsets in bytes that hold exactly the record', () => {
    const chunk = Buffer.from('é\r\n\n\0\0b c\n')
    const lines = splitLines(chunk, false)
    expect(lines).toEqual({ count: 2, starts: [0, 7], ends: [2, 10] })
  })

  test('a byte order mark is skipped where the stream begins, and only there', () => {
    const chunk = Buffer.from('\ufeffa\n\ufeffb\n')
    expect(splitLines(chunk, true)).toEqual({ count: 2, starts: [3, 5], ends: [4, 9] })
    expect(texts(chunk, true)).toEqual(['a', '\ufeffb'])
    expect(texts(chunk, false)).toEqual(['\ufeffa', '\ufeffb'])
    expect(texts(Buffer.from('\ufeff'), true)).toEqual([])
  })

  test('finds the lines that splitting the text finds', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '\r', 'é', '😀', '\t') })
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map((each) => `${each}\n`).join('')
        const expected = lines.map((each) => each.replace(/\r$/, '')).filter((each) => /[^ \t]/.test(each))
        expect(texts(Buffer.from(text))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('lineTexts', () => {
  test('marks only the lines whose bytes are not UTF-8', () => {
    const chunk = Buffer.concat([
      Buffer.from('é\n'),
      Buffer.from([0x61, 0xff, 0x0a]),
      // A surrogate in UTF-8 (CESU), an overlong slash, a character cut off by the line's end.
      Buffer.from([0xed, 0xa0, 0x80, 0x0a, 0xc0, 0xaf, 0x0a, 0xe2, 0x82, 0x0a]),
      Buffer.from('ok\n'),
    ])
    expect(texts(chunk)).toEqual(['é', undefined, undefined, undefined, undefined, 'ok'])
  })

  test('reads a chunk that is part of a larger buffer', () => {
    const whole = Buffer.from('xxxxé\nb\nyyyy')
    const chunk = new Uint8Array(whole.buffer, whole.byteOffset + 4, 5)
    expect(texts(chunk)).toEqual(['é', 'b'])
    expect(texts(new Uint8Array(whole.buffer, whole.byteOffset + 7, 2))).toEqual(['b'])
  })
})

describe('lineChecksums', () => {
  test('are CRC-32 of the record alone: the check value of the algorithm', () => {
    const chunk = Buffer.from('123456789\r\nother\n123456789\n')
    const checksums = lineChecksums(chunk, splitLines(chunk, false))
    expect(checksums[0]).toBe(0xcbf43926)
    expect(checksums[2]).toBe(0xcbf43926)
    expect(checksums[1]).not.toBe(0xcbf43926)
  })
})
