import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordOf } from '../../../src/receivers/syslog/frame.ts'
import { Framer } from '../../../src/receivers/syslog/framer.ts'

const framed = (pieces: readonly (string | Buffer)[], { max = 1000, isClean = true } = {}) => {
  const framer = new Framer(max)
  const frames = pieces.flatMap((piece) => framer.push(Buffer.from(piece as string)))
  return [...frames, ...framer.end(isClean)].map(recordOf)
}
const texts = (...pieces: string[]) => framed(pieces).map(({ text }) => text)

describe('RFC 6587', () => {
  test.each<[string, string[]]>([
    ['5 <1>ab5 <1>cd', ['<1>ab', '<1>cd']],
    ['<1>a\n<1>b\n', ['<1>a', '<1>b']],
    ['<1>a\r\n<1>b\0<1>c', ['<1>a', '<1>b', '<1>c']],
    // Told apart for each message.
    ['6 <1>a\nb<1>c\n4 <1>d\n\n<1>e\n', ['<1>a\nb', '<1>c', '<1>d', '<1>e']],
    ['4 <1>é', ['<1>\u00c3', '\u00a9']],
    ['12 monkeys\n3 <\n', ['12 monkeys', '<\n']],
    // No message is as long as that, and all that follows would be a part of it.
    ['99999999 <1>a\n<1>b\n', ['99999999 <1>a', '<1>b']],
    ['0 <1>a\n', ['0 <1>a']],
    ['12345678901 <1>a\n', ['12345678901 <1>a']],
    ['{"a":1}\n', ['{"a":1}']],
    ['\n\0\r\n', []],
    ['<1>a', ['<1>a']],
  ])('%j', (bytes, expected) => {
    expect(texts(bytes)).toEqual(expected)
    // However it is cut.
    expect(framed([...Buffer.from(bytes)].map((byte) => Buffer.of(byte)))).toEqual(framed([bytes]))
  })

  test('messages are asked for so many at a time; the bytes of the others are kept', () => {
    const framer = new Framer(20)
    const ask = (bytes: string) => framer.push(Buffer.from(bytes), 2).map((frame) => recordOf(frame).text)
    expect(ask('<1>a\n4 <1>b<1>c\n<1>d\n<1')).toEqual(['<1>a', '<1>b'])
    expect(framer.held).toBe(12)
    expect(ask('')).toEqual(['<1>c', '<1>d'])
    expect(ask('')).toEqual([])
    expect(framer.held).toBe(2)
    expect(ask(`>e\n${'y'.repeat(30)}`)).toEqual(['<1>e'])
    expect(ask('')).toEqual([])
    expect(framer.held).toBe(20)
  })

  // Characters were counted where bytes are meant, or there were more or fewer of them: what is behind is not lost in it.
  test.each<[string, string[]]>([
    ['6 <1>é és4 <1>b4 <1>c', ['<1>é ', 'és', '<1>b', '<1>c']],
    ['4 <1>ab\nc\nd4 <1>e', ['<1>a', 'b', 'c', 'd', '<1>e']],
    ['9 <1>a5 <1>bb5 <1>cc\n', ['<1>a5 <1>', 'bb', '<1>cc']],
    ['4 <1>a<1>12 <13> is no length\n', ['<1>a', '<1>12 <13> is no length']],
    ['4 <1>a9999999999 <1>b\n<1>c\n', ['<1>a', '9999999999 <1>b', '<1>c']],
    ['4 <1>a<1>b\nc 4 <1>d\n', ['<1>a', '<1>b', 'c 4 <1>d']],
  ])('wrong lengths: %j', (bytes, expected) => {
    expect(texts(bytes)).toEqual(expected)
    expect(framed([...Buffer.from(bytes)].map((byte) => Buffer.of(byte)))).toEqual(framed([bytes]))
  })

  test('what a wrong length has left over says so', () => {
    const warnings = [
      'syslog: the message before it had a wrong length: this may be its end, or a part of the next',
    ]
    for (const behind of ['4 <1>b', '\n', ''])
      expect(framed([`4 <1>axy${behind}`])[1]).toEqual({ text: 'xy', warnings })
    expect(framed(['4 <1>a\nxy\n'])[1]).toEqual({ text: 'xy' })
    // As far as a message may be long.
    const long = `4 <1>a${'x'.repeat(30)}4 <1>b\n4 <1>c`
    expect(framed([long], { max: 20 }).map(({ text }) => text)).toEqual(['<1>a', 'x'.repeat(20), '<1>c'])
    expect(framed(long.match(/./gs)!, { max: 20 })).toEqual(framed([long], { max: 20 }))
  })

  test('what ends within a message says so, and where a line may have gone on', () => {
    const warnings = ['syslog: the connection ended within the message']
    expect(framed(['10 <1>ab'])).toEqual([{ text: '<1>ab', warnings }])
    expect(framed(['<1>ab'], { isClean: false })).toEqual([{ text: '<1>ab', warnings }])
    expect(framed(['<1>ab'])).toEqual([{ text: '<1>ab' }])
    expect(framed(['12'])).toEqual([{ text: '12' }])
  })

  test('over the limit, the head, and size and hash of the whole; then it goes on', () => {
    const long = `<1>${'é'.repeat(100)}`
    const size = Buffer.byteLength(long)
    const oversize = { size, sha256: hash('sha256', long) }
    const head = { text: `<1>${'é'.repeat(8)}`, oversize }
    const pieces = (text: string) => text.match(/.{1,7}/gs)!
    for (const bytes of [`${size} ${long}4 <1>x`, `${long}\n<1>x\n`]) {
      expect(framed([bytes], { max: 20 })).toEqual([head, { text: '<1>x' }])
      expect(framed(pieces(bytes), { max: 20 })).toEqual([head, { text: '<1>x' }])
    }
    // What ends a line counts before it is seen to be one, so that pieces change nothing.
    const edge = `${'y'.repeat(20)}\r\n`
    expect(framed([edge], { max: 20 })).toEqual(framed(pieces(edge), { max: 20 }))
    expect(framed([`9999 ${long}`], { max: 20 })).toEqual([
      { ...head, warnings: ['syslog: the connection ended within the message'] },
    ])
  })
})

test('bytes that are no UTF-8 lose nothing', () => {
  const [record] = framed([Buffer.from([0x3c, 0x31, 0x3e, 0xe9, 0xff, 0x0a])])
  expect(record).toEqual({
    text: '<1>\u00e9\u00ff',
    encoding: 'latin1',
    warnings: ['syslog: the message is not UTF-8, read as Latin-1'],
  })
})

test('messages come out as they went in, by either framing, however they are cut', () => {
  const message = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map((text) => `<13>${text.replaceAll(/[\n\r\0]/g, ' ')}`)
  fc.assert(
    fc.property(
      fc.array(fc.record({ message, isCounted: fc.boolean() }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (messages, cuts) => {
        const bytes = Buffer.from(
          messages
            .map(({ message: text, isCounted }) =>
              isCounted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`,
            )
            .join(''),
        )
        const pieces: Buffer[] = []
        for (let at = 0, i = 0; at < bytes.length; at += cuts[i++ % cuts.length]!)
          pieces.push(bytes.subarray(at, at + cuts[i % cuts.length]!))
        expect(framed(pieces).map(({ text }) => text)).toEqual(messages.map(({ message: text }) => text))
      },
    ),
  )
})
