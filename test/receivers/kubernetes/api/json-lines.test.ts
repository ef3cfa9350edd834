import { expect, test } from 'vitest'
import { jsonLines } from '../../../../src/receivers/kubernetes/api/json-lines.ts'

async function read(parts: readonly string[], longest = 64): Promise<unknown[]> {
  const found: unknown[] = []
  const body = (async function* () {
    for (const part of parts) yield Buffer.from(part)
  })()
  for await (const value of jsonLines(body, longest)) found.push(value)
  return found
}

test.each([
  [['{"a":1}\n{"a":2}\n'], [{ a: 1 }, { a: 2 }]],
  [
    ['{"a"', ':', '1}', '\n', '\n{"a":2}\n{"a"'],
    [{ a: 1 }, { a: 2 }],
  ],
  // A character of two bytes, cut in the middle.
  [['"\u00fc"\n'], ['ü']],
  [[], []],
])('%j', async (parts, expected) => {
  expect(await read(parts)).toEqual(expected)
})

test('a character that comes in two pieces is one', async () => {
  const bytes = Buffer.from('"ü"\n')
  const body = (async function* () {
    for (const byte of bytes) yield Buffer.from([byte])
  })()
  expect((await jsonLines(body, 64).next()).value).toBe('ü')
})

test('a line over the limit is an error, whether its end is there or not', async () => {
  const long = `"${'x'.repeat(64)}"`
  await expect(read([`${long}\n`])).rejects.toThrow('a line of more than 64 bytes')
  await expect(read([long.slice(0, 40), long.slice(40)])).rejects.toThrow('a line of more than 64 bytes')
  expect(await read([`"${'x'.repeat(62)}"\n`])).toHaveLength(1)
})
