// What `affiant normalize` says when an input was read in a way that does not fit it.
import { describe, expect, test } from 'vitest'
import { hintOf, type Reading } from '../../src/cli/normalize-hints.ts'

const reading = (more: Partial<Reading> & { readonly text?: string }): Reading => ({
  name: 'a.log',
  head: Buffer.from(more.text ?? '{"user":"u_1"}\n'),
  whole: false,
  preset: 'json',
  found: { preset: 'json', recognised: false },
  ...more,
})
const counts = (records: number, unparsed = 0, incomplete = unparsed) => ({ records, unparsed, incomplete })
const okta = { preset: 'okta', recognised: true }

describe('nothing is said', () => {
  test.each([
    ['of what is well', reading({}), counts(5)],
    ['where some lines could not be read', reading({}), counts(5, 2)],
    ['where records lack something', reading({}), counts(5, 0, 5)],
    [
      'of a preset that fits part of the records',
      reading({ preset: 'kubernetes', found: okta }),
      counts(5, 0, 4),
    ],
    ['of the preset that they look like', reading({ preset: 'okta', found: okta }), counts(5, 0, 5)],
    ['of a mapping of one’s own', reading({ preset: undefined, found: okta }), counts(5, 5)],
    ['where auto chose', reading({ preset: 'auto', found: okta }), counts(5, 0, 5)],
  ])('%s', (_, read, count) => {
    expect(hintOf(read, count)).toBeUndefined()
  })
})

test('an input without records', () => {
  expect(hintOf(reading({ text: '\n \n' }), counts(0))).toBe('a.log has no line that is not blank')
  expect(hintOf(reading({ name: '-' }), counts(0))).toBe('the standard input has no line that is not blank')
})

test('what is no text', () => {
  const head = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xff, 0xfe, 0x80, 0x80, 0x80, 0x0a])
  expect(hintOf(reading({ head }), counts(1, 1))).toMatch(/^a\.log is no text: is it a log\?/)
  // NULs alone, which truncation leaves behind, make no binary file; neither does a character that is cut off.
  const holes = Buffer.from('\0\0\0{"user":"zoë"}\nx é').subarray(0, -1)
  expect(hintOf(reading({ head: holes }), counts(2, 1))).toBeUndefined()
})

test('the preset that the records look like, where the one that was named finds in none what it looks for', () => {
  expect(hintOf(reading({ preset: 'kubernetes', found: okta }), counts(5, 0, 5))).toBe(
    'no record of a.log says all that preset kubernetes looks for; the first ones look like preset okta',
  )
})

test('auto, where nothing could be read and no preset knows it', () => {
  expect(hintOf(reading({ preset: 'nginx' }), counts(5, 5))).toBe(
    'no record of a.log could be read as preset nginx has it: --preset auto tells what they look like',
  )
})

test('a document over several lines, unless it was read as one', () => {
  const text = '{\n  "user": "u_1"\n}\n'
  expect(hintOf(reading({ text }), counts(3, 3))).toMatch(/--whole reads it as one document/)
  expect(hintOf(reading({ text, whole: true }), counts(1, 0))).toBeUndefined()
})
