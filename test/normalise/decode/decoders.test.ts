// Texts that are no JSON: what each decoder makes of them, and what it says of those it cannot read.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDecoder } from '../../../src/normalise/decode/decoders.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec } from '../normalising.ts'

const decoder = (name: string, options: Record<string, unknown> = {}) =>
  createDecoder({ name, options }).decode
const read = (name: string, options: Record<string, unknown>, text: string) => {
  const decoded = decoder(name, options)(text)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded
}
const reason = (name: string, options: Record<string, unknown>, text: string) => {
  const decoded = decoder(name, options)(text)
  return decoded.ok ? undefined : decoded.reason
}

describe('csv with a header', () => {
  const options = { columns: ['Time', 'User Name', 'n'], header: true }

  test.each(['Time,User Name,n', '"Time","User Name","n"', 'Time, User Name ,n'])(
    '%j names the columns',
    (text) => {
      expect(read('csv', options, text)).toMatchObject({ isHeader: true })
      expect(read('csv', { columns: options.columns }, text)).not.toHaveProperty('isHeader')
    },
  )

  test.each([
    'Time,User Name,1',
    'time,user name,n',
    'Time,User Name',
    'Time,User Name,n,more',
    'n,User Name,Time',
    '2026-11-23T10:00:00Z,ann,7',
  ])('%j is a record', (text) => {
    expect(read('csv', options, text)).not.toHaveProperty('isHeader')
  })

  test('it is skipped wherever it stands, and counted', () => {
    const mapping = { decode: { csv: options }, 'actor.id': '"User Name"' }
    const header = 'Time,User Name,n\n'
    const batch = lines(compileNormaliser(spec(mapping)), `${header}t,ann,1\n${header}t,bob,2\n`)
    expect(batch).toMatchObject({ count: 2, records: 4, skipped: 2, unparsed: 0 })
    expect(eventsOf(batch).map(({ actor }) => actor)).toEqual([
      { id: 'ann', type: 'unknown' },
      { id: 'bob', type: 'unknown' },
    ])
  })

  test('a header that is no truth is told of', () => {
    expect(() => createDecoder({ name: 'csv', options: { ...options, header: 'first' } })).toThrow(
      '`header` is true or false',
    )
  })
})

describe('csv', () => {
  const columns = ['a', 'b', 'c']

  test.each([
    ['1,2,3', ['1', '2', '3']],
    [',,', ['', '', '']],
    ['"1","2","3"', ['1', '2', '3']],
    ['"a ""b"", c",2,"3\n4"', ['a "b", c', '2', '3\n4']],
    ['"","""",x', ['', '"', 'x']],
    ['a "quote" within,b"c,"d"', ['a "quote" within', 'b"c', 'd']],
    [' x , "y",z ', [' x ', ' "y"', 'z ']],
  ])('%s', (text, [a, b, c]) => {
    expect(read('csv', { columns }, text)).toEqual({ ok: true, value: { a, b, c }, warnings: [] })
  })

  test('whatever is written as RFC 4180 says is read again', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ';', ' ', 'é') })
    fc.assert(
      fc.property(field, field, field, (...fields) => {
        const text = fields.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')
        expect(Object.values(read('csv', { columns }, text).value)).toEqual(fields)
      }),
    )
  })

  test('another delimiter, another quote', () => {
    const options = { columns, delimiter: '\t', quote: "'" }
    expect(read('csv', options, "1\t'it''s'\t\"x,y\"").value).toEqual({ a: '1', b: "it's", c: '"x,y"' })
  })

  test('too many fields are kept, and said; too few are said', () => {
    expect(read('csv', { columns }, '1,2,3,4,5')).toEqual({
      ok: true,
      value: { a: '1', b: '2', c: '3', extra: ['4', '5'] },
      warnings: ['csv: 5 fields where there are 3 columns'],
    })
    expect(read('csv', { columns }, '1')).toMatchObject({
      value: { a: '1' },
      warnings: ['csv: 1 fields where there are 3 columns'],
    })
  })

  test('what is no CSV is refused, without what it says', () => {
    expect(reason('csv', { columns }, '1,"secret')).toBe('csv: the quoted field 2 has no end')
    expect(reason('csv', { columns }, '1,"a"secret,3')).toBe(
      'csv: something stands behind the closing quote of field 2',
    )
  })

  test('names that objects have anyway', () => {
    const { value } = read('csv', { columns: ['__proto__', 'constructor'] }, 'p,c')
    expect(JSON.stringify(value)).toBe('{"__proto__":"p","constructor":"c"}')
  })

  test.each([
    [{}, /`columns` is a list/],
    [{ columns: ['a', 'a'] }, /"a" twice/],
    [{ columns: ['extra'] }, /surplus/],
    [{ columns, delimiter: ', ' }, /`delimiter` is one character/],
    [{ columns, delimiter: '"' }, /two characters/],
    [{ columns, headers: true }, /no option "headers"; it takes columns, header, delimiter, quote/],
  ])('%j is refused', (options, expected) => {
    expect(() => decoder('csv', options)).toThrow(expected)
  })
})

describe('key_value', () => {
  test.each<[string, Record<string, unknown>, string, object]>([
    [
      'logfmt',
      {},
      'level=info msg="a \\"b\\" c" ip=10.0.0.1',
      { level: 'info', msg: 'a "b" c', ip: '10.0.0.1' },
    ],
    ['several spaces and tabs', {}, '  a=1 \t b=2 ', { a: '1', b: '2' }],
    ['empty values', {}, 'a= b="" c=3', { a: '', b: '', c: '3' }],
    ['values with = in them', {}, 'q=a=b&c=d', { q: 'a=b&c=d' }],
    ['single quotes, and a quote within', {}, `a='it is' b=it's`, { a: 'it is', b: "it's" }],
    ['escapes', {}, String.raw`a="1\n2\t3\\4\x"`, { a: '1\n2\t3\\4\\x' }],
    [
      'commas',
      { separator: ', ' },
      'type=LOGIN, user=Ann B., scope=a,b',
      { type: 'LOGIN', user: 'Ann B.', scope: 'a,b' },
    ],
    [
      'quoted, with commas',
      { separator: ', ' },
      'type="LOGIN", user="B., Ann"',
      { type: 'LOGIN', user: 'B., Ann' },
    ],
    [
      'colons and semicolons',
      { separator: ';', assign: ':' },
      'a: 1; b : two words;c:3',
      { a: '1', b: 'two words', c: '3' },
    ],
    [
      'words are kept',
      {},
      'Accepted for user=ann from ip=10.0.0.1',
      { extra: ['Accepted', 'for', 'from'], user: 'ann', ip: '10.0.0.1' },
    ],
    ['beside a pair of this name', {}, 'extra=1 word', { extra: '1', extra_: ['word'] }],
    ['what stands behind a quote', {}, 'a="1"2 b=3', { a: '1', extra: ['2'], b: '3' }],
    ['a word that begins with =', {}, '=x a=1', { extra: ['=x'], a: '1' }],
  ])('%s', (_, options, text, value) => {
    expect(read('key_value', options, text)).toEqual({ ok: true, value, warnings: [] })
  })

  test('a quote without an end, and a key that comes twice, are said', () => {
    expect(read('key_value', {}, 'a="1 b=2 b=3')).toEqual({
      ok: true,
      value: { a: '"1', b: '3' },
      warnings: ['a quote that nothing closes: a', 'duplicate key, the last one is kept: b'],
    })
  })

  test('a key that is no name is not repeated', () => {
    const { warnings } = read('key_value', { separator: ', ' }, 'the secret is=1, the secret is=2')
    expect(warnings).toEqual(['duplicate key, the last one is kept'])
  })

  test('names that objects have anyway', () => {
    const { value } = read('key_value', {}, '__proto__=p constructor=c')
    expect(JSON.stringify(value)).toBe('{"__proto__":"p","constructor":"c"}')
  })

  test('many words, quotes or separators take one pass', () => {
    const started = performance.now()
    for (const text of [
      'word '.repeat(80_000),
      'a=" '.repeat(80_000),
      `a="${"b='".repeat(80_000)}`,
      '\\"=\'x '.repeat(80_000),
      // Nothing but quotes ends a pair.
      'two="two="two="'.repeat(40_000),
    ]) {
      for (const options of [{}, { separator: ', ' }]) decoder('key_value', options)(text)
    }
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('a text without pairs is refused', () => {
    expect(reason('key_value', {}, 'nothing here')).toBe('key_value: there is no key=value')
  })

  test.each([
    [{ assign: '==' }, /`assign` is one character/],
    [{ separator: '=' }, /characters in common/],
    [{ quotes: '' }, /`quotes` is a text/],
  ])('%j is refused', (options, expected) => {
    expect(() => decoder('key_value', options)).toThrow(expected)
  })
})

describe('query', () => {
  test.each([
    ['a=1&b=two+words&c=%C3%A9', { a: '1', b: 'two words', c: 'é' }],
    ['?x=1', { x: '1' }],
    ['a=1&a=2&b=', { a: ['1', '2'], b: '' }],
  ])('%s', (text, value) => {
    expect(read('query', {}, text).value).toEqual(value)
  })

  test('text is none', () => {
    expect(reason('query', {}, 'no query at all')).toBe('query: there is no key=value')
  })
})

describe('pattern', () => {
  const pattern = [
    '(?P<user>\\S+) (?P<verb>created|deleted) (?P<what>.+)',
    '^login of (?<user>\\w+)(?: from (?<ip>[0-9.]+))?$',
  ]

  test('the first pattern that matches the whole text', () => {
    expect(read('pattern', { pattern }, 'ann created order 7').value).toEqual({
      user: 'ann',
      verb: 'created',
      what: 'order 7',
    })
    expect(read('pattern', { pattern }, 'login of ann from 10.0.0.1').value).toEqual({
      user: 'ann',
      ip: '10.0.0.1',
    })
    expect(read('pattern', { pattern }, 'login of ann').value).toEqual({ user: 'ann' })
  })

  test('what none matches is refused', () => {
    expect(reason('pattern', { pattern }, 'login of ann and more')).toBe('pattern: none of 2 matches')
    expect(reason('pattern', { pattern: '(?P<a>b)' }, 'xb')).toBe('pattern: it does not match')
  })

  test('anchors of its own are the same, escaped ones are characters', () => {
    expect(read('pattern', { pattern: '^(?P<price>\\d+\\$)$' }, '5$').value).toEqual({ price: '5$' })
    expect(read('pattern', { pattern: '(?P<price>\\d+)\\$' }, '5$').value).toEqual({ price: '5' })
    expect(reason('pattern', { pattern: '^(?P<a>x)|(?P<b>y)$' }, 'xy')).toBeDefined()
  })

  test.each([
    [{ pattern: 'no groups' }, /needs named groups/],
    [{ pattern: '(?P<a>' }, /not a pattern: .*RE2/],
    [{ pattern: [] }, /at least one/],
    [{}, /a pattern is a regular expression/],
  ])('%j is refused', (options, expected) => {
    expect(() => decoder('pattern', options)).toThrow(expected)
  })
})

describe('any text at all', () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', 'b', '=', ' ', '"', "'", '\\', ',', ';', '&', '%', '?', '\n', '\0', '\t'),
    }),
    fc.string({ unit: 'binary' }).map((each) => each.toWellFormed()),
  )

  test.each<[string, Record<string, unknown>]>([
    ['csv', { columns: ['a', 'b', '__proto__'] }],
    ['key_value', {}],
    ['key_value', { separator: ', ', assign: ':' }],
    ['query', {}],
    ['pattern', { pattern: ['(?P<a>\\w+)=(?P<b>.*)', '(?s)(?P<__proto__>.*)'] }],
    ['json', {}],
    ['plain', {}],
  ])('%s %j reads it or says why not, and throws nothing', (name, options) => {
    const decode = decoder(name, options)
    fc.assert(
      fc.property(text, (each) => {
        const decoded = decode(each)
        if (decoded.ok) expect(() => JSON.stringify(decoded.value)).not.toThrow()
        else expect(decoded.reason).toMatch(/^(?:not )?(?:csv|key_value|query|pattern|JSON|nested)/)
      }),
    )
  })

  test('every word of a text of pairs is somewhere in its record', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '1', '-', '.'),
      minLength: 1,
      maxLength: 8,
    })
    const piece = fc.oneof(
      word,
      fc.tuple(word, word).map(([key, value]) => `${key}=${value}`),
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(piece, { selector: (each) => each.split('=')[0], minLength: 1 }),
        (pieces) => {
          const decoded = decoder('key_value')(pieces.join(' '))
          const values = JSON.stringify(decoded.ok ? decoded.value : pieces)
          for (const each of pieces.flatMap((one) => one.split('='))) expect(values).toContain(`"${each}"`)
        },
      ),
    )
  })
})

test('a name that is none lists those that there are', () => {
  expect(() => decoder('cvs')).toThrow(
    /"cvs" is none of json, plain, access_log, auditd, csv, key_value, query, keycloak, pattern/,
  )
})
