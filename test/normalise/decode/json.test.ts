import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Decoded } from '../../../src/normalise/decode/decoder.ts'
import { decodeJson, maxRecordDepth } from '../../../src/normalise/decode/json.ts'

const duplicate = 'duplicate key, the last one is kept'
const number = 'number kept as text, a double would change it'
const surrogate = 'lone surrogate replaced by U+FFFD'

function decoded(text: string): Extract<Decoded, { ok: true }> {
  const result = decodeJson(text)
  if (!result.ok) throw new Error(result.reason)
  return result
}

function reason(text: string): string {
  const result = decodeJson(text)
  if (result.ok) throw new Error(`decoded: ${text}`)
  return result.reason
}

describe('what JSON.parse keeps is taken as it is', () => {
  test.each([
    '{}',
    ' {"a" : 1 , "b": [ ] }\t\r',
    '{"a":{"a":{"a":[{"a":1},{"a":2}]}}}',
    '{"a":9007199254740991,"b":-9007199254740991,"c":0,"d":-0,"e":1e3,"f":1.50,"g":1e-3,"h":1000}',
    '{"ts":1763899200.1234567,"small":0.000001,"big":123456789012345.6}',
    '{"a":"\\ud83d\\ude00 \\u00e9 \\" : \\\\","\\u0041":1}',
    '{"__proto__":{"x":1},"constructor":2,"":3,"10":4,"9":5}',
    '{"a":":\\"b\\":","c":"{\\"d\\":1}"}',
    '{"é":"日本","😀":"😀"}',
  ])('%s', (text) => {
    const { value, warnings } = decoded(text)
    expect(value).toEqual(JSON.parse(text))
    expect(Object.keys(value)).toEqual(Object.keys(JSON.parse(text)))
    expect(warnings).toEqual([])
  })
})

describe('what JSON.parse changes without a word is kept or told', () => {
  test.each([
    ['{"a":9007199254740992}', { a: '9007199254740992' }, [`${number}: a`]],
    ['{"a":[1,-9007199254740993]}', { a: [1, '-9007199254740993'] }, [`${number}: a[1]`]],
    ['{"a":{"b":1763899200123456789}}', { a: { b: '1763899200123456789' } }, [`${number}: a.b`]],
    ['{"a":1e400}', { a: '1e400' }, [`${number}: a`]],
    ['{"a":-1E+400}', { a: '-1E+400' }, [`${number}: a`]],
    ['{"a":1e-400}', { a: '1e-400' }, [`${number}: a`]],
    ['{"a":1e21}', { a: '1e21' }, [`${number}: a`]],
    ['{"a":0.1234567890123456789}', { a: '0.1234567890123456789' }, [`${number}: a`]],
    ['{"a":9007199254740993.0}', { a: '9007199254740993.0' }, [`${number}: a`]],
    ['{"a":1,"a":2}', { a: 2 }, [`${duplicate}: a`]],
    ['{"a":1,"b":{"c":1,"c":1}}', { a: 1, b: { c: 1 } }, [`${duplicate}: b.c`]],
    ['{"a":[{"c":1,"c":"x"}]}', { a: [{ c: 'x' }] }, [`${duplicate}: a[0].c`]],
    ['{"a":1,"\\u0061":2}', { a: 2 }, [`${duplicate}: a`]],
    ['{"a" :1,"a":2}', { a: 2 }, [`${duplicate}: a`]],
    ['{"a": {}, "a": []}', { a: [] }, [`${duplicate}: a`]],
    ['{"a":"\\ud800"}', { a: '\ufffd' }, [`${surrogate}: a`]],
    ['{"a":"x\\uDFFFy\\ud83d\\ude00"}', { a: 'x\ufffdy😀' }, [`${surrogate}: a`]],
    ['{"\\ud800":1}', { '\ufffd': 1 }, [`${surrogate}: \ufffd`]],
    [
      '{"\\ud800":1,"\\udbff":2}',
      { '\ufffd': 2 },
      [`${surrogate}: \ufffd`, `${surrogate}: \ufffd`, `${duplicate}: \ufffd`],
    ],
  ])('%s', (text, value, warnings) => {
    expect(decoded(text)).toEqual({ ok: true, value, warnings })
  })

  test('a number written short cannot hide a duplicate', () => {
    // 1e9 is seven characters shorter than ECMAScript writes it: room for a lost member of seven.
    expect(decoded('{"a":1e9,"b":0,"b":1}').warnings).toEqual([`${duplicate}: b`])
    expect(decoded('{"a":1e-7,"":0,"":1}').warnings).toEqual([`${duplicate}: `])
    expect(decoded('{"x":12e8,"b":0,"b":1}').warnings).toEqual([`${duplicate}: b`])
  })

  test('__proto__ is a key like any other, in the careful parser too', () => {
    const { value, warnings } = decoded('{"__proto__":1,"a":{"__proto__":{"x":1}},"__proto__":{"y":2}}')
    expect(JSON.stringify(value)).toBe('{"__proto__":{"y":2},"a":{"__proto__":{"x":1}}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(warnings).toEqual([`${duplicate}: __proto__`])
  })

  test('warnings are bounded in number and length', () => {
    const { warnings } = decoded(`{${'"a":1,'.repeat(1000)}"${'k'.repeat(1000)}":1e999}`)
    expect(warnings).toHaveLength(9)
    expect(warnings[8]).toBe('and 992 more like these')
    expect(decoded(`{"${'k'.repeat(1000)}":1e999}`).warnings[0]!.length).toBeLessThan(200)
  })

  test('in lines longer than the scratch buffer too', () => {
    const long = 'é'.repeat(100_000)
    expect(decoded(`{"a":"${long}", "b":1}`).warnings).toEqual([])
    expect(decoded(`{"a":"${long}", "b":1, "b":2}`).warnings).toEqual([`${duplicate}: b`])
    expect(decoded(`{"a":"${long}","b":1,"b":2}`).warnings).toEqual([`${duplicate}: b`])
  })
})

test('a list of objects is as many records, told of in the same way', () => {
  expect(decoded('[{"a":1},{"a":2}]')).toEqual({ ok: true, value: [{ a: 1 }, { a: 2 }], warnings: [] })
  expect(decoded('[ {"a":1e400},\n {} ]')).toEqual({
    ok: true,
    value: [{ a: '1e400' }, {}],
    warnings: [`${number}: [0].a`],
  })
})

test('what stands among them is left to whoever makes events', () => {
  expect(decoded('[{"a":1},[{"a":2}],null,1e400]')).toEqual({
    ok: true,
    value: [{ a: 1 }, [{ a: 2 }], null, '1e400'],
    warnings: [`${number}: [3]`],
  })
})

describe('what is no record is refused', () => {
  test.each([
    ['', 'not JSON: the text ends where a value should begin at character 1'],
    ['{', 'not JSON: no key in quotes at character 2'],
    ['{"a":1', 'not JSON: the text ends before } at character 7'],
    ['{"a":[1', 'not JSON: the text ends before ] at character 8'],
    ['{"a" 1}', 'not JSON: no colon behind a key at character 6'],
    ['{"a":1,}', 'not JSON: no key in quotes at character 8'],
    ['{"a":1 "b":2}', 'not JSON: neither , nor } at character 8'],
    ['{"a":[1,]}', 'not JSON: no JSON value at character 9'],
    ["{'a':1}", 'not JSON: no key in quotes at character 2'],
    ['{"a":01}', 'not JSON: neither , nor } at character 7'],
    ['{"a":+1}', 'not JSON: no JSON value at character 6'],
    ['{"a":1.}', 'not JSON: neither , nor } at character 7'],
    ['{"a":NaN}', 'not JSON: no JSON value at character 6'],
    ['{"a":nul}', 'not JSON: no JSON value at character 6'],
    ['{"a":"b', 'not JSON: the text ends within a string at character 8'],
    ['{"a":"\t"}', 'not JSON: an unescaped control character at character 7'],
    ['{"a":"\\x"}', 'not JSON: an escape that JSON does not have at character 7'],
    ['{"a":"\\u00g0"}', 'not JSON: an escape that JSON does not have at character 7'],
    ['{"a":1} x', 'not JSON: something stands behind the value at character 9'],
    ['\u0000{"a":1}', 'not JSON: no JSON value at character 1'],
    ['secret text', 'not JSON: no JSON value at character 1'],
    ['[1]', 'JSON, but neither an object nor a list of objects'],
    ['[]', 'JSON, but neither an object nor a list of objects'],
    ['[[{"a":2}],"text"]', 'JSON, but neither an object nor a list of objects'],
    ['1', 'JSON, but neither an object nor a list of objects'],
    ['"text"', 'JSON, but neither an object nor a list of objects'],
    ['null', 'JSON, but neither an object nor a list of objects'],
    ['[1e400]', 'JSON, but neither an object nor a list of objects'],
  ])('%j', (text, expected) => {
    expect(reason(text)).toBe(expected)
  })

  test('at any depth above the limit, however deep, and not below it', () => {
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    const arrays = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    for (const nested of [objects, arrays]) {
      expect(decoded(nested(maxRecordDepth)).warnings).toEqual([])
      expect(decoded(nested(maxRecordDepth).replace(':', ': ')).warnings).toEqual([])
      expect(reason(nested(maxRecordDepth + 1))).toBe('nested deeper than 200 levels')
      expect(reason(nested(maxRecordDepth + 1).replace(':', ': '))).toBe('nested deeper than 200 levels')
      expect(reason(nested(300_000))).toBe('nested deeper than 200 levels')
    }
    expect(reason('['.repeat(300_000))).toBe('nested deeper than 200 levels')
  })
})

/** JSON texts as strangers write them: spaces, duplicates, escapes, and numbers of every form. */
const space = fc.constantFrom('', '', '', ' ', '\t', '  ')
const digits = fc.stringMatching(/^[0-9]{1,19}$/)
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(
        fc.constant('0'),
        digits.map((text) => text.replace(/^0+(?=.)/, '')),
      ),
      fc.oneof(
        fc.constant(''),
        digits.map((text) => `.${text}`),
      ),
      fc.oneof(
        fc.constant(''),
        fc.integer({ min: -30, max: 30 }).map((e) => `e${e}`),
        fc.nat(9).map((e) => `E+${e}`),
      ),
    )
    .map((parts) => parts.join('')),
)
const unit = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', ':', ',', '{', '}', 'é', '😀') },
  fc.constantFrom('\\"', '\\\\', '\\/', '\\n', '\\u0061', '\\ud83d\\ude00', '\\u003a', '\\ud800', '\\udc00'),
)
const stringText = fc.array(unit, { maxLength: 4 }).map((units) => `"${units.join('')}"`)
const keyText = fc.oneof(fc.constantFrom('"a"', '"b"', '"\\u0061"', '""', '"1"', '"__proto__"'), stringText)
const { value: jsonText } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    numberText,
    stringText,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .tuple(fc.array(tie('value'), { maxLength: 4 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}]`),
    fc
      .tuple(fc.array(fc.tuple(keyText, space, tie('value')), { maxLength: 5 }), space)
      .map(
        ([members, gap]) =>
          `{${members.map(([key, s, member]) => `${gap}${key}${s}:${s}${member}`).join(',')}}`,
      ),
  ),
}))
const objectText = fc
  .array(fc.tuple(keyText, space, jsonText), { maxLength: 5 })
  .map((members) => `{${members.map(([key, s, member]) => `${key}${s}:${member}`).join(`,`)}}`)

const keyToken = /("(?:[^"\\]|\\.)*")(\s*:)?/g

/**
 * By JSON.parse, whose keys have no escapes: V8's guesses an object's keys from others, of the same text too, and takes one
 * that begins with an escape for a known `\\`. What needs an escape is put into a private area, and taken back.
 */
function freshlyParsed(text: string): unknown {
  const plain = text.replace(keyToken, (token, key: string, colon?: string) =>
    colon === undefined || !key.includes('\\') ? token : `"${shifted(JSON.parse(key) as string)}"${colon}`,
  )
  return plain === text ? JSON.parse(text) : withKeys(JSON.parse(plain), shiftedBack)
}

const shifted = (key: string) =>
  key.replaceAll(/["\\]|\p{Cc}/gu, (one) => String.fromCharCode(0xe000 + one.charCodeAt(0)))
const shiftedBack = (key: string) =>
  key.replaceAll(/[\ue000-\ue09f]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xe000))

function withKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withKeys(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [rename(key), withKeys(member, rename)]),
  )
}

/** What the decoder must find, by JSON.parse's reviver, which is told the source of every number, and by counting. */
function facts(text: string): { lossyNumbers: number; members: number; wellFormed: boolean } {
  // Every key made different, by putting its number in its place: then nothing can be lost.
  let members = 0
  const strings: string[] = []
  const withoutDuplicates = text.replace(keyToken, (token, key: string, colon?: string) => {
    if (colon === undefined) return token
    strings.push(JSON.parse(key) as string)
    return `"${members++}":`
  })
  let lossyNumbers = 0
  JSON.parse(withoutDuplicates, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value === 'string') strings.push(value)
    if (typeof value === 'number' && isLossy(context!.source!, value)) lossyNumbers++
    return value
  })
  return { lossyNumbers, members, wellFormed: strings.every((string) => string.isWellFormed()) }
}

/** Exact, in integers: whether the decimal text and what ECMAScript writes for its double differ. */
function isLossy(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return true
  if (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) return true
  const scaled = (text: string): bigint => {
    const [, sign = '', whole = '', fraction = '', exponent = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)!
    return BigInt(sign + whole + fraction) * 10n ** BigInt(700 + Number(exponent) - fraction.length)
  }
  return scaled(source) !== scaled(String(value))
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const below = Object.values(value).reduce<number>((sum, member) => sum + countMembers(member), 0)
  return below + (Array.isArray(value) ? 0 : Object.keys(value).length)
}

test.each(['\\u0061', '\\n', '\\"', '\\/'])(
  'a key of %s is what it says, whatever keys came before',
  (key) => {
    for (let i = 0; i < 3; i++) decoded('{"b":{"x":""},"\\\\":"","c":""}')
    const expected: unknown = JSON.parse(`"${key}"`)
    for (const colon of [':', ' :', '\t:']) {
      expect(Object.keys(decoded(`{"b":{"x":""},"${key}"${colon}"","c":""}`).value)).toEqual([
        'b',
        expected,
        'c',
      ])
    }
  },
)

describe('against JSON.parse', () => {
  test('whose guess of a key it does not take, from the same text either', () => {
    const text = '{"\\u0061":{"":{"\\\\":0}}}'
    const expected = { a: { '': { '\\': 0 } } }
    for (let i = 0; i < 3; i++) expect(decoded(text)).toEqual({ ok: true, value: expected, warnings: [] })
    expect(freshlyParsed(text)).toEqual(expected)
  })

  test('warns exactly when something was changed, and changes nothing else', () => {
    let clean = 0
    let warned = 0
    fc.assert(
      fc.property(objectText, (text) => {
        const { value, warnings } = decoded(text)
        const found = facts(text)
        const unchanged =
          found.lossyNumbers === 0 && found.wellFormed && found.members === countMembers(freshlyParsed(text))
        expect(warnings.length === 0).toBe(unchanged)
        if (unchanged) {
          clean++
          expect(JSON.stringify(value)).toBe(JSON.stringify(freshlyParsed(text)))
        } else {
          warned++
        }
      }),
      { numRuns: 3000 },
    )
    // Both kinds must really have been tried.
    expect(clean).toBeGreaterThan(250)
    expect(warned).toBeGreaterThan(250)
  })

  test('takes what JSON.parse takes and refuses what it refuses, whatever the bytes', () => {
    const garbled = fc
      .tuple(
        objectText,
        fc.nat(),
        fc.nat(3),
        fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('"', '{', '\\')),
      )
      .map(([text, at, remove, insert]) => {
        const i = at % (text.length + 1)
        return (text.slice(0, i) + insert + text.slice(i + remove)).toWellFormed()
      })
    fc.assert(
      fc.property(garbled, (text) => {
        let parsed: unknown
        let valid = true
        try {
          parsed = JSON.parse(text)
        } catch {
          valid = false
        }
        const isRecord = valid && typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
        const result = decodeJson(text)
        expect(result.ok).toBe(isRecord)
        if (!result.ok) expect(result.reason.startsWith('not JSON')).toBe(!valid)
      }),
      { numRuns: 2500 },
    )
  })

  test('a compact text of any JSON is clean', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })), (json) => {
        const text = JSON.stringify(json)
        const { lossyNumbers } = facts(text)
        const result = decoded(text)
        if (lossyNumbers === 0) {
          expect(result.warnings).toEqual([])
          expect(JSON.stringify(result.value)).toBe(text)
        }
      }),
      { numRuns: 500 },
    )
  })
})
