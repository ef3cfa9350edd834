import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainNumberEnd } from '../../../src/normalise/stencil/plain-value.ts'
import { readShape } from '../../../src/normalise/stencil/shape.ts'
import { ShapeTree } from '../../../src/normalise/stencil/shape-tree.ts'

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))
const shapeOf = (text: string) => {
  const bytes = bytesOf(text)
  return readShape(bytes, 0, bytes.length)
}

test('a shape is everything but the contents of values', () => {
  const shape = shapeOf('{"a":"x","b":{"c":[1,true,"y"]},"d":"","e":null}')
  expect(shape?.slots.map(({ kind, path }) => [kind, ...path])).toEqual([
    ['string', 'a'],
    ['number', 'b', 'c', 0],
    ['string', 'b', 'c', 2],
  ])
  expect(shape?.slots.map(({ literal }) => Buffer.from(literal).toString())).toEqual([
    '{"a":"',
    '","b":{"c":[',
    ',true,"',
  ])
  expect(Buffer.from(shape!.tail).toString()).toBe('"]},"d":"","e":null}')
})

test.each([
  '[]',
  '"a"',
  '{"a":1,"a":1}',
  '{"a":"\\/"}',
  '{"a":"\\u0041"}',
  '{"a":"\\u001F"}',
  '{"a":"\\u0008"}',
  '{"a":"\\u000a"}',
  '{"a":"\\ud83d"}',
  '{"a":"\\',
  '{"a\\n":1}',
  '{"a":1.0}',
  '{"a":1e1}',
  '{"a":-0}',
  '{"a":01}',
  '{"a":}',
  '{"a":1',
  '{"a":1}x',
  '{"a":tru}',
  `{"a":${'['.repeat(40)}`,
])('%s has no shape', (text) => {
  expect(shapeOf(text)).toBeUndefined()
})

test('a number that is plain is written as RFC 8785 writes it', () => {
  const digits = fc.stringMatching(/^-?[0-9]{1,18}(\.[0-9]{0,18})?([eE][+-]?[0-9]{1,3})?$/)
  fc.assert(
    fc.property(fc.oneof(digits, fc.double().map(String), fc.integer().map(String)), (text) => {
      const bytes = bytesOf(`${text},`)
      const end = plainNumberEnd(bytes, 0, bytes.length)
      if (end >= 0) expect(String(Number(text))).toBe(text.slice(0, end))
      if (end >= 0) expect(end).toBe(text.length)
    }),
    { numRuns: 5_000 },
  )
  expect(
    ['1.5', '-12', '0', '0.000001'].map((text) => plainNumberEnd(bytesOf(text), 0, text.length)),
  ).toEqual([3, 3, 1, 8])
})

test('a tree finds the shape of every line it was given, and no other', () => {
  const value = fc.oneof(fc.stringMatching(/^[a-z]{0,5}$/), fc.nat(999), fc.constantFrom(true, null))
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'c'), value), { maxLength: 12 }),
      (records) => {
        const tree = new ShapeTree<string>()
        const known = new Map<string, string>()
        const keyOf = (text: string) => text.replaceAll(/(?<=:)"[^"]+"/g, '"…"').replaceAll(/(?<=:)\d+/g, '#')
        const match = (text: string) => {
          const bytes = bytesOf(text)
          return tree.match(bytes, new DataView(bytes.buffer), 0, bytes.length)
        }
        for (const text of records.map((record) => JSON.stringify(record))) {
          const key = keyOf(text)
          expect(match(text)).toBe(known.get(key))
          if (known.has(key)) continue
          known.set(key, key)
          tree.add(shapeOf(text)!, key)
          expect(match(text)).toBe(key)
        }
      },
    ),
  )
})
