// Patterns mean what RE2 says they mean, whichever engine matches them, and none can be made to explode.
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../src/pattern/pattern.ts'
import { linearRegExp } from '../../src/pattern/regexp.ts'

describe('leaves no choice: matched by JavaScript', () => {
  test.each([
    '^a*b$',
    '^(?P<user>[^ ]+) (?P<verb>created|deleted) (?<what>.+)$',
    '^(\\S+) - ([^\\[ ]*) \\[([^\\]]+)\\] "([^"]*)" (\\d{3}) (\\d+|-)$',
    '^(\\d{4})-(\\d\\d)(?:T(\\d\\d))?',
    '^(?:a|b(?:c|d))*e',
    '^x{2,5}?y',
    '^[-.\\w]+@',
    '^',
  ])('%s', (source) => {
    expect(linearRegExp(source)).toBeDefined()
  })
})

describe('leaves a choice, or means more than is understood: left to RE2', () => {
  test.each([
    'a*b', // anywhere
    '^(a+)+$',
    '^(?:a*)*$',
    '^(?:a|a)*$',
    '^(?:a|ab)c',
    '^.*x',
    '^(.*) - (.*)$',
    '^(a)+', // a group that is passed again
    '^(?:|)(?:|)',
    '^(?:a?)?',
    '^(?i)abc',
    '^\\bword',
    '^\\pL+',
    '^[[:alpha:]]+',
    '^a|b$',
    '^a{1,1000}',
    '^a{65}',
  ])('%s', (source) => {
    expect(linearRegExp(source)).toBeUndefined()
    expect(() => compilePattern(source)).not.toThrow()
  })
})

// Few letters, so that texts match; classes and characters that the engines could take differently.
const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\S',
  '[ab]',
  '[^a]',
  '[^\\n]',
  '\\.',
  '-',
  ' ',
  'é',
  '😀',
  '[😀é]',
  '\\v',
)
const { pattern } = fc.letrec<{ pattern: string; sequence: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '*?', '+?'))
      .map(([one, count]) => one + count),
    fc
      .tuple(
        fc.constantFrom('(', '(?:', '(?:'),
        tie('pattern'),
        fc.constantFrom('', '', '?', '*', '+', '{2,}'),
      )
      .map(([open, inner, count]) => `${open}${inner})${count}`),
  ),
  sequence: fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
}))
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'c',
    '1',
    '.',
    '-',
    ' ',
    '\n',
    '\r',
    '\v',
    '\u2028',
    '\u00a0',
    'é',
    '😀',
    '_',
  ),
  maxLength: 12,
})

test('both engines find the same, groups included', () => {
  let fast = 0
  fc.assert(
    fc.property(
      pattern,
      fc.boolean(),
      fc.array(text, { minLength: 4, maxLength: 8 }),
      (inner, toEnd, texts) => {
        const source = `^(?:${inner})${toEnd ? '$' : ''}`
        const regExp = linearRegExp(source)
        if (regExp === undefined) return
        fast++
        const re2 = RE2JS.compile(source)
        for (const each of texts) {
          const matcher = re2.matcher(each)
          const found = matcher.find()
            ? Array.from({ length: re2.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined)
            : undefined
          const match = regExp.exec(each)
          expect(match === null ? undefined : [...match]).toEqual(found)
        }
      },
    ),
    { numRuns: 1_500 },
  )
  expect(fast).toBeGreaterThan(150)
})

test('groups by number and name', () => {
  for (const source of ['^(?P<a>x+)(?P<b>y)?', '(?P<a>x+)(?P<b>y)?']) {
    const compiled = compilePattern(source)
    expect([...compiled.names]).toEqual([
      ['a', 1],
      ['b', 2],
    ])
    expect(compiled.groupCount).toBe(2)
    expect(Array.from(compiled.exec('xxz')!)).toEqual(['xx', 'xx', undefined])
    expect(compiled.exec('z')).toBeUndefined()
  }
})

test('no text makes it explode', () => {
  const hostile = `${'a'.repeat(200_000)}!`
  for (const source of ['^(a+)+$', '^(?:a|a)*$', '(a*)*b', '^a*b', '^(?:a|b(?:c|d))*e', '^[^!]*a$']) {
    expect(compilePattern(source).exec(hostile)).toBeUndefined()
  }
})

test('what is no RE2 says so', () => {
  expect(() => compilePattern('a(?=b)')).toThrow()
  expect(() => compilePattern('(a)\\1')).toThrow()
  expect(() => compilePattern('^(')).toThrow()
})
