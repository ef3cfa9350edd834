import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostWeight } from '../../../src/event/record-weight.ts'
import { decodeJson } from '../../../src/normalise/decode/json.ts'
import { readablePart } from '../../../src/normalise/decode/leave-out.ts'

/** A list of so many objects with nothing in them. */
const list = (count: number) => `[${Array.from({ length: count }, () => '{}').join(',')}]`

/** With a bound of 40. */
const read = (text: string) => readablePart(text, 200, 40)

const tooMany = (count: number, path: string) =>
  `not read, its ${count} objects and lists are too many: ${path}`

test.each([
  ['behind others', `{"a":1, "big":${list(50)}}`, '{"a":1}', [tooMany(51, 'big')]],
  ['before others', `{ "big" : ${list(50)} ,"a":1}`, '{ "a":1}', [tooMany(51, 'big')]],
  ['alone', `{"big":${list(50)}}`, '{}', [tooMany(51, 'big')]],
  [
    'within an object',
    `{"x":{"y":{"big":${list(50)},"z":2}}}`,
    '{"x":{"y":{"z":2}}}',
    [tooMany(51, 'x.y.big')],
  ],
  [
    'an object',
    `{"a":1,"o":{${Array.from({ length: 50 }, (_, i) => `"${i}":{}`).join()}}}`,
    '{"a":1}',
    [tooMany(51, 'o')],
  ],
  ['in a list of others', `{"l":[${list(50)}],"a":1}`, '{"a":1}', [tooMany(52, 'l')]],
  [
    'no more than has to be',
    `{"a":${list(20)},"b":${list(30)},"c":${list(25)}}`,
    `{"a":${list(20)}}`,
    [tooMany(31, 'b'), tooMany(26, 'c')],
  ],
  ['with an escaped name', `{"\\u0062\\"ig":${list(50)},"a":"]}"}`, '{"a":"]}"}', [tooMany(51, 'b"ig')]],
  [
    'of too many parts the whole',
    `{"u":1,"x":{${Array.from({ length: 30 }, (_, i) => `"${i}":${list(4)}`).join()}}}`,
    '{"u":1}',
    [tooMany(151, 'x')],
  ],
])('left out: %s', (_name, text, left, warnings) => {
  expect(read(text)).toEqual({ ok: true, text: left, warnings })
})

test.each([
  ['a list of records', list(50), 'not read, it holds 51 objects and lists: more than 40 are too many'],
  [
    'what does not end',
    `{"a":${list(50)}`,
    'not read, it holds 52 objects and lists: more than 40 are too many',
  ],
  [
    'many small ones',
    `{${Array.from({ length: 50 }, (_, i) => `"${i}":{}`).join()}}`,
    'not read, it holds 51 objects and lists: more than 40 are too many',
  ],
  ['what is too deep', '['.repeat(300), 'nested deeper than 200 levels'],
])('not read at all: %s', (_name, text, reason) => {
  expect(read(text)).toEqual({ ok: false, reason })
})

test('the members of a wide object weigh as much as objects', () => {
  const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":1`).join()}}`
  expect(read(members(1_039))).toMatchObject({ ok: true })
  expect(read(members(1_040))).toMatchObject({ ok: false })
})

test('whatever is left out, the rest is what it was, and light enough', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 6, noUnicodeString: false }),
      fc.integer({ min: 1, max: 12 }),
      (text, most) => {
        const whole: unknown = JSON.parse(text)
        const readable = readablePart(text, 200, most)
        if (!readable.ok) {
          expect(weightOf(whole)).toBeGreaterThan(most)
          return
        }
        const rest: unknown = JSON.parse(readable.text)
        if (readable.text === text) return
        expect(weightOf(rest)).toBeLessThanOrEqual(most)
        expect(isPartOf(rest, whole)).toBe(true)
        expect(readable.warnings.length).toBeGreaterThan(0)
      },
    ),
  )
})

function weightOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce<number>((sum, each) => sum + weightOf(each), 1)
}

/** Whether members are missing from objects, and nothing else is different. */
function isPartOf(part: unknown, whole: unknown): boolean {
  const areObjects = [part, whole].every(
    (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
  )
  if (!areObjects) return JSON.stringify(part) === JSON.stringify(whole)
  const all = whole as Readonly<Record<string, unknown>>
  return Object.entries(part as object).every(
    ([name, value]) => Object.hasOwn(all, name) && isPartOf(value, all[name]),
  )
}

test('a record of millions of objects is read without them', () => {
  const big = list(3 * mostWeight)
  expect(decodeJson(`{"user":"u_42","big":${big},"n":12345678901234567890}`)).toEqual({
    ok: true,
    value: { user: 'u_42', n: '12345678901234567890' },
    warnings: [tooMany(3 * mostWeight + 1, 'big'), 'number kept as text, a double would change it: n'],
    partial: true,
  })
  expect(decodeJson(big)).toMatchObject({ ok: false, reason: expect.stringMatching(/^not read/) })
  expect(decodeJson(`{"user":"u_42","big":${big}`)).toMatchObject({ ok: false })
})
