// What goes out in another shape comes back byte for byte.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ShapeError, shapeNames } from '../../src/shapes/shape.ts'
import { recognise, shapes } from '../../src/shapes/shapes.ts'
import { fullEvent, leastEvent } from '../event/sample-events.ts'
import { anyEvent, linesOfSample, lineWith, lineWithoutLog, sampleFiles } from './events.ts'

const all = shapeNames.map((name) => shapes[name])

/** By the document as a reader has it: parsed, its members in another order. */
const back = (name: (typeof shapeNames)[number], line: string): string[] =>
  shapes[name].read(reversed(JSON.parse(shapes[name].write(line))))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const pathsIn = (value: unknown): string[][] =>
  isObject(value)
    ? Object.keys(value).flatMap((key) => [[key], ...pathsIn(value[key]).map((rest) => [key, ...rest])])
    : []

function replacedAt(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined || !isObject(value)) return by
  const inner = replacedAt(value[key], rest, by)
  return Array.isArray(value)
    ? value.map((each, i) => (i === Number(key) ? inner : each))
    : { ...value, [key]: inner }
}

/** Stores keep no order of members. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, each]) => [name, reversed(each)]),
  )
}

describe.each(shapeNames)('%s', (name) => {
  test.each([
    ['the least event', lineWith(leastEvent)],
    ['every member', lineWith(fullEvent)],
    ['its record beside it', lineWith(fullEvent, '{"user":"u_42","text":"a\\nb \\u20ac"}')],
    ['no log', lineWithoutLog(fullEvent)],
    [
      'keys that objects reorder',
      lineWith({ ...leastEvent, unmapped: { '10': 1, '9': null, '-': '', a: [] } }),
    ],
    [
      'a key that an assignment loses',
      lineWith({ ...leastEvent, unmapped: JSON.parse('{"__proto__":{"a":1}}') }),
    ],
    ['numbers', lineWith({ ...leastEvent, unmapped: { a: 1e300, b: -0.1, c: 2 ** 53, d: 5e-324, e: 0 } })],
    ['text', lineWith({ ...leastEvent, message: '\u2028 \u0000 𐀀 "\\', unmapped: { 𐀀: '€', '\ufb33': '' } })],
  ])('%s', (_, line) => {
    expect(back(name, line)).toEqual([line])
  })

  test('any event', () => {
    fc.assert(
      fc.property(anyEvent, fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }), (event, raw) => {
        const line = lineWith(event, raw)
        expect(back(name, line)).toEqual([line])
      }),
      { numRuns: 50 },
    )
  })

  test('whatever is read, it is an event or said to be none', () => {
    const whole = JSON.parse(shapes[name].write(lineWith(fullEvent, 'raw'))) as object
    const paths = pathsIn(whole)
    const broken = fc
      .tuple(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }))
      .map(([path, value]) => replacedAt(whole, path, value))
    fc.assert(
      fc.property(fc.oneof(broken, fc.jsonValue({ maxDepth: 3 })), (document) => {
        try {
          for (const line of shapes[name].read(document)) expect(JSON.parse(line)).toHaveProperty('schema')
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ShapeError)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('objects that cannot be a text are no keys and no numbers', () => {
    for (const path of pathsIn(JSON.parse(shapes[name].write(lineWith(fullEvent))))) {
      const document = replacedAt(JSON.parse(shapes[name].write(lineWith(fullEvent))), path, { toString: 1 })
      try {
        shapes[name].read(document)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ShapeError)
      }
    }
  })

  test('documents say what they are', () => {
    expect(recognise(JSON.parse(shapes[name].write(lineWith(fullEvent))))?.name).toBe(name)
  })
})

test.runIf(process.env.CI !== undefined)('the samples are there in CI', () => {
  expect(sampleFiles.length).toBeGreaterThan(10)
})

describe.skipIf(sampleFiles.length === 0)('real records, by every preset', () => {
  test.each(sampleFiles.length === 0 ? ['absent'] : sampleFiles)('%s', (file) => {
    const lines = linesOfSample(file, 2)
    for (const { name } of all) expect(lines.flatMap((line) => back(name, line))).toEqual(lines)
  })
})
