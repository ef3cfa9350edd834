// Text that is not UTF-8 becomes UTF-8; offsets and lengths stay the file's.
import { expect, test } from 'vitest'
import { frame, texts } from './framing.ts'

const le = (text: string) => Buffer.from(text, 'utf16le')
const be = (text: string) => le(text).swap16()
const lines = 'a\u0a0a\u010a\u0a00b\r\n\u{1f600}\u00e9\n\nlast\n'
const records = ['a\u0a0a\u010a\u0a00b', '\u{1f600}\u00e9', 'last']

test.each([
  ['UTF-16 LE by its mark', le(`\ufeff${lines}`), 'auto' as const],
  ['UTF-16 BE by its mark', be(`\ufeff${lines}`), 'auto' as const],
  ['UTF-16 LE as configured', le(lines), 'utf-16le' as const],
  ['UTF-16 BE as configured', be(lines), 'utf-16be' as const],
])('%s', async (_, content, encoding) => {
  expect(await texts(content, { encoding })).toEqual(records)
  expect(await texts(content, { encoding }, 2)).toEqual(records)
})

test('offsets and lengths are of the file', async () => {
  expect(await frame(le('\ufeffab\r\n\u{1f600}\n'), {})).toEqual([
    { text: 'ab', offset: 2, length: 4 },
    { text: '\u{1f600}', offset: 10, length: 4 },
  ])
})

test.each([
  ['a lone high surrogate', le('a\ud800b\n'), 'a\ufffdb'],
  ['a lone low surrogate', le('a\udc00\n'), 'a\ufffd'],
  ['half a unit at the end', Buffer.concat([le('ab'), Buffer.of(0x63)]), 'ab\ufffd'],
])('%s is replaced, with a warning', async (_, content, text) => {
  expect(await frame(content, { encoding: 'utf-16le' })).toMatchObject([
    { text, warnings: ['broken UTF-16 replaced by U+FFFD'] },
  ])
})

test('half a unit at the end, big end first', async () => {
  const content = Buffer.concat([be('ab'), Buffer.of(0x00)])
  expect(await texts(content, { encoding: 'utf-16be' })).toEqual(['ab\ufffd'])
})

test('Latin-1: every byte is a character', async () => {
  const bytes = Buffer.from(
    Array.from({ length: 256 }, (_, i) => i).filter((byte) => byte !== 10 && byte !== 0),
  )
  const content = Buffer.concat([bytes, Buffer.of(10)])
  expect(await texts(content, { encoding: 'latin-1' })).toEqual([bytes.toString('latin1')])
})

test('NULs before a line, as truncation leaves them', async () => {
  expect(await frame(le('\0\0a\n'), { encoding: 'utf-16le' })).toEqual([{ text: 'a', offset: 4, length: 2 }])
})
