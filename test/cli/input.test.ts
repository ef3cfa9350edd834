// Inputs as people have them: compressed, in UTF-16, cut off, damaged, no file at all.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInputs } from '../../src/cli/input.ts'
import { AffiantError } from '../../src/errors.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'affiant-input-'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

const text = '{"user":"zoë","n":"𝄞"}\n{"user":"u_2"}\n'

/** All that comes, and what goes wrong then. */
async function read(files: readonly string[], piped: readonly Uint8Array[] = []) {
  const parts: Uint8Array[] = []
  try {
    for (const { bytes } of openInputs(files, Readable.from(piped))) {
      for await (const part of bytes) parts.push(part)
    }
  } catch (thrown) {
    if (!(thrown instanceof AffiantError)) throw thrown
    const { code, message, hint } = thrown
    return { text: Buffer.concat(parts).toString(), code, message, hint }
  }
  return { text: Buffer.concat(parts).toString() }
}

const oneByOne = (bytes: Uint8Array) => Array.from(bytes, (byte) => Buffer.of(byte))

const utf16 = (marked: boolean, bigEndian: boolean) => {
  const little = Buffer.from((marked ? '\ufeff' : '') + text, 'utf16le')
  return bigEndian ? little.swap16() : little
}

describe.each([
  ['as it is', Buffer.from(text)],
  ['gzip, of two members', Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))])],
  ['UTF-16, little end first', utf16(true, false)],
  ['UTF-16, big end first', utf16(true, true)],
  ['UTF-16 in gzip', gzipSync(utf16(true, false))],
])('%s', (name, bytes) => {
  test('from a file', async () => {
    const file = join(directory, `${name}.log`)
    writeFileSync(file, bytes)
    expect(await read([file, file])).toEqual({ text: text + text })
  })

  test('from a pipe, however it is cut', async () => {
    expect(await read([], [bytes])).toEqual({ text })
    expect(await read(['-'], oneByOne(bytes))).toEqual({ text })
  })
})

test('of UTF-16 that is broken, what is broken becomes U+FFFD', async () => {
  const broken = Buffer.concat([Buffer.from('\ufeffa\ud834b', 'utf16le'), Buffer.of(0x63)])
  expect(await read([], [broken])).toEqual({ text: 'a\ufffdb\ufffd' })
})

test('nothing is nothing', async () => {
  expect(await read([], [])).toEqual({ text: '' })
})

describe('what comes before a fault is given first', () => {
  const many = Array.from({ length: 40_000 }, (_, n) => `{"n":${(n * 2654435761) % 4294967291}}\n`).join('')
  const whole = gzipSync(many)

  test('gzip that is cut off', async () => {
    const cut = await read([], [whole.subarray(0, whole.length - 9)])
    expect(cut).toMatchObject({
      code: 'input_format',
      message: `the standard input: the gzip data is cut off, after ${cut.text.length} decompressed bytes`,
      hint: 'what comes before has been read',
    })
    expect(many.startsWith(cut.text)).toBe(true)
    expect(cut.text.length).toBeGreaterThan(many.length - 1024)
  })

  test('gzip whose sum is wrong', async () => {
    const wrong = Buffer.from(whole)
    wrong[wrong.length - 8]! ^= 1
    const { text: given, ...fault } = await read([], [wrong])
    expect(given).toBe(many)
    expect(fault).toMatchObject({
      code: 'input_format',
      message: expect.stringMatching(/its CRC does not match its data$/),
    })
  })

  test('gzip in which nothing can be found any more', async () => {
    const wrong = Buffer.from(whole)
    wrong.fill(0xff, whole.length >> 1, (whole.length >> 1) + 64)
    const { text: given, ...fault } = await read([], [wrong])
    // What is in the damaged place may still look like data.
    expect(given.startsWith(many.slice(0, many.length >> 2))).toBe(true)
    expect(fault).toMatchObject({
      code: 'input_format',
      message: expect.stringContaining('damaged gzip data'),
    })
  })
})

test('what is compressed twice is decompressed once', async () => {
  expect(await read([], [gzipSync(gzipSync(text))])).toMatchObject({
    text: '',
    code: 'input_format',
    message: 'what the standard input holds is compressed with gzip, which is not read',
  })
})

test('other compressions are named, with what to do', async () => {
  expect(await read([], [zstdCompressSync(text)])).toEqual({
    text: '',
    code: 'input_format',
    message: 'the standard input is compressed with zstd, which is not read',
    hint: 'decompress it first: zstd -dc FILE | affiant …',
  })
})

test.each([
  ['UTF-16LE', false],
  ['UTF-16BE', true],
])('%s without its mark is named, with what to do', async (name, bigEndian) => {
  const bytes = Buffer.from('{"user":"u_1"}\n', 'utf16le')
  const { code, message, hint } = await read([], [bigEndian ? bytes.swap16() : bytes])
  expect({ code, message }).toEqual({
    code: 'input_format',
    message: `the standard input looks like ${name} without a byte order mark`,
  })
  expect(hint).toContain(`iconv -f ${name} -t UTF-8`)
})

test('UTF-16 without a mark is known by its beginning, however it is cut', async () => {
  const bytes = Buffer.from(`${'{"user":"zor"}\n'.repeat(4)}{"user":"zoë"}\n`, 'utf16le')
  const whole = await read([], [bytes])
  expect(whole).toMatchObject({ code: 'input_format', text: '' })
  expect(await read([], oneByOne(bytes))).toEqual(whole)
})

test('what is no file', async () => {
  expect(await read([join(directory, 'none')])).toMatchObject({
    code: 'input_unreadable',
    message: `${join(directory, 'none')} cannot be read: there is no such file`,
  })
  expect(await read([directory])).toMatchObject({
    code: 'input_unreadable',
    message: `${directory} cannot be read: it is a directory`,
    hint: 'name the files in it',
  })
})
