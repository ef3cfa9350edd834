import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize, maxCanonicalDepth } from '../../src/event/canonical.ts'

/** RFC 8785 by the letter and without any care for speed: code units compared by hand, strings escaped by hand. */
function naive(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number')
    return `${value}`.replace(/^-0$/, '0')
  if (typeof value === 'string') return naiveString(value)
  if (Array.isArray(value)) return `[${value.map(naive).join()}]`
  const entries = Object.entries(value as object).sort(([a], [b]) => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const difference = a.charCodeAt(i) - b.charCodeAt(i)
      if (difference !== 0) return difference
    }
    return a.length - b.length
  })
  return `{${entries.map(([key, member]) => `${naiveString(key)}:${naive(member)}`).join()}}`
}

const shortEscapes: Record<string, string> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
}

function naiveString(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0)!
    const short = shortEscapes[character]
    if (short !== undefined) out += short
    else if (code < 0x20) out += `\\u${code.toString(16).padStart(4, '0')}`
    else out += code >= 0xd800 && code <= 0xdfff ? '\ufffd' : character
  }
  return `"${out}"`
}

describe('RFC 8785', () => {
  test('section 3.2.2 and 3.2.4: the sample, its text and its bytes', () => {
    const sample = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`)
    const text = canonicalize(sample)
    expect(text).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
    expect(Buffer.from(text).toString('hex')).toContain('737472696e67223a22e282ac245c75303030665c6e')
  })

  test('section 3.2.3: keys in UTF-16 order, not in that of code points', () => {
    const sample = JSON.parse(String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }`)
    const values = [...canonicalize(sample).matchAll(/:"([^"]+)"/g)].map((match) => match[1])
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the double %s is %s', (bits, text) => {
    expect(canonicalize(Buffer.from(bits, 'hex').readDoubleBE(0))).toBe(text)
  })
})

describe('canonicalize', () => {
  test('orders integer-like keys as strings', () => {
    expect(canonicalize({ '10': 1, '9': 2, '-': 3, b: { '2': 1, '11': 2 } })).toBe(
      '{"-":3,"10":1,"9":2,"b":{"11":2,"2":1}}',
    )
  })

  test('keeps __proto__, constructor and the empty key', () => {
    expect(canonicalize(JSON.parse('{"constructor":1,"__proto__":{"a":2},"":3}'))).toBe(
      '{"":3,"__proto__":{"a":2},"constructor":1}',
    )
  })

  test('writes line separators as they are', () => {
    expect(canonicalize('\u2028\u2029\u007f')).toBe('"\u2028\u2029\u007f"')
  })

  test('leaves out undefined members, and only those', () => {
    expect(canonicalize({ b: undefined, a: null, c: '' })).toBe('{"a":null,"c":""}')
    expect(canonicalize({ b: undefined })).toBe('{}')
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol('s'), undefined, [undefined]])(
    'refuses what JSON cannot say: %s',
    (value) => {
      expect(() => canonicalize(value)).toThrow(TypeError)
      expect(() => canonicalize({ a: [value] })).toThrow(TypeError)
    },
  )

  test('replaces lone surrogates and tells of each string', () => {
    let told = 0
    const options = { onLoneSurrogate: () => told++ }
    expect(canonicalize({ a: '\ud800', b: '😀', c: `${'x'.repeat(100)}\udc00` }, options)).toBe(
      `{"a":"\ufffd","b":"😀","c":"${'x'.repeat(100)}\ufffd"}`,
    )
    expect(told).toBe(2)
  })

  test('keys that become the same by the replacement: the last wins', () => {
    let told = 0
    expect(canonicalize({ '\ud800': 1, z: 0, '\ud801': 2 }, { onLoneSurrogate: () => told++ })).toBe(
      '{"z":0,"\ufffd":2}',
    )
    expect(told).toBe(2)
  })

  test('refuses depth with a clear error, well before the stack ends', () => {
    const nested = (levels: number) => {
      let value: unknown = 1
      for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value }
      return value
    }
    expect(canonicalize(nested(maxCanonicalDepth))).toContain('1')
    expect(() => canonicalize(nested(maxCanonicalDepth + 1))).toThrow(/nested deeper than 256 levels/)
    expect(() => canonicalize(nested(100_000))).toThrow(RangeError)
  })

  test('equals an independent implementation for any JSON value', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.nat(200).map(String),
      fc.constantFrom('__proto__', '', '-', 'a', 'b', 'toString', '\uffff', '😀'),
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('\ud800', '\udc00', '"', '\\', '\u0000', 'x', '\u007f', 'é') }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.array(fc.tuple(key, tie('value'))).map((entries) => Object.fromEntries(entries)),
      ),
    })).value
    fc.assert(
      fc.property(value, (json) => {
        expect(canonicalize(json)).toBe(naive(json))
      }),
      { numRuns: 1500 },
    )
  })

  test('a list of keys seen before, in another order, or in part, is no other list', () => {
    const entries = ['k', 'a', '5', 'z', 'b', '10'].map((key, i) => [key, i] as const)
    fc.assert(
      fc.property(fc.shuffledSubarray(entries), (some) => {
        const object = Object.fromEntries(some)
        expect(canonicalize(object)).toBe(naive(object))
      }),
    )
  })

  test('stays right when more lists of keys were seen than are remembered', () => {
    for (let i = 0; i < 3000; i++) {
      const object = { [`z${i}`]: 1, [`a${i % 7}`]: 2, common: { [`y${i}`]: 1, b: 2 } }
      expect(canonicalize(object)).toBe(naive(object))
    }
  })
})
