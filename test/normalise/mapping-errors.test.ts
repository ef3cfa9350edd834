// What is wrong in a mapping is said with its place, all of it at once.
import { expect, test } from 'vitest'
import { parseMapping } from '../../src/normalise/mapping/parse-mapping.ts'
import { findPreset, presetNames } from '../../src/normalise/presets.ts'

const problems = (mapping: unknown) =>
  (parseMapping(mapping, findPreset).problems ?? []).map(
    ({ path, message }) => `${path.join('/')}: ${message}`,
  )

test.each([
  ['a list for a text', { 'actor.id': 'roles[*].role' }, /^actor\.id: .*\[\*\] gives a list/],
  [
    'a list in a template',
    { action: { template: '{roles[*].role}' } },
    /^action\/template: .*\[\*\] gives a list/,
  ],
  [
    'a list in a condition',
    { 'actor.id': { path: 'x', if: 'a[*].b' } },
    /^actor\.id\/if: .*\[\*\] gives a list/,
  ],
  ['lists of lists', { 'actor.roles': 'a[*].b[*].c' }, /^actor\.roles: .*one \[\*\]/],
  ['nothing behind a list', { 'actor.roles': 'roles[*]' }, /^actor\.roles: .*behind \[\*\], as in roles/],
  ['unknown member', { 'actor.nick': 'x' }, /^actor\.nick: .*actor\.alt_ids/],
  ['a slip in a member', { targts: { id: 'x' } }, /^targts: .*Did you mean targets\?/],
  [
    'a word where a path belongs',
    { operation: 'approve' },
    /^operation: .*\{ const: approve \}.*\{ path: approve \}/,
  ],
  ['a group of members', { actor: { id: 'x' } }, /^actor: .*write actor\./],
  ['a fixed value without const', { severity: 9 }, /^severity: .*\{ const: 9 \}/],
  [
    'a constant outside the vocabulary',
    { operation: { const: 'explode' } },
    /^operation\/const: "explode" is none of create/,
  ],
  [
    'a table outside the vocabulary',
    { 'outcome.result': { path: 'ok', table: { true: 'fine' } } },
    /^outcome\.result\/table\/true: "fine"/,
  ],
  [
    'a default outside the vocabulary',
    { 'actor.type': { path: 'k', default: 'alien' } },
    /^actor\.type\/default/,
  ],
  ['a condition that is no CEL', { 'actor.id': { path: 'a', when: 'record.' } }, /^actor\.id\/when: /],
  [
    'an address that is none',
    { 'source.ip': { path: 'a', table: { lo: 'localhost', '*': '127.0.0.1' } } },
    /^source\.ip\/table\/lo: an IP address belongs here$/,
  ],
  [
    'an asterisk within a key',
    { operation: { path: 'a', table: { 'Client*Error': 'other' } } },
    /^operation\/table\/Client\*Error: one asterisk, at the beginning or the end/,
  ],
  [
    'an asterisk within a value that tells records',
    { action: 'a', detect: { equals: { a: ['x', 'a*b'] } } },
    /^detect\/equals\/a\/1: one asterisk/,
  ],
  ['a fixed address that is none', { 'source.ip': { const: '10.0.0.300' } }, /^source\.ip\/const: an IP/],
  ['an empty path', { 'actor.id': '' }, /^actor\.id: an empty path/],
  ['a broken path', { 'actor.id': 'a..b' }, /^actor\.id: "a\.\.b", character 3/],
  ['an unknown preset', { extends: 'jason' }, /^extends: there is no preset "jason"/],
  ['two sources', { 'actor.id': { path: 'a', const: 'b' } }, /^actor\.id: .*exactly one of/],
  ['an unknown option', { 'actor.id': { path: 'a', tabel: {} } }, /^actor\.id\/tabel: unknown key/],
  ['an unclosed template', { action: { template: 'a{b' } }, /^action\/template: the \{ at character 2/],
  ['an unknown variable', { action: '$nuon' }, /^action: \$nuon is neither/],
  ['a time format', { time: { path: 't', format: 'unix_h' } }, /^time\/format: "unix_h" is none of/],
  ['a time pattern', { time: { path: 't', format: '%Q' } }, /^time\/format: %Q is none of/],
  [
    'a list of formats',
    { time: { path: 't', format: ['rfc3339', 'unix_h'] } },
    /^time\/format\/1: "unix_h" is none of/,
  ],
  ['the zone of all', { zone: 'Mars/Base' }, /^zone: .*no IANA/],
  ['secrets that are no list', { secrets: 'token' }, /^secrets: a list of names/],
  ['a zone', { time: { path: 't', zone: 'Mars/Base' } }, /^time\/zone: .*no IANA/],
  ['a list element', { targets: [{ id: 'a', colour: 'b' }] }, /^targets\/0\/colour: unknown member/],
  [
    'a pattern that is no RE2',
    { 'actor.id': { path: 'a', match: 'a(?=b)' } },
    /^actor\.id\/match: .*no look-around/,
  ],
  [
    'a group that is not there',
    { 'actor.id': { path: 'a', match: '(a)', group: 2 } },
    /^actor\.id\/group: .*0 to 1/,
  ],
  [
    'a group by a wrong name',
    { 'actor.id': { path: 'a', match: '(?P<x>a)', group: 'y' } },
    /group: .*0 to 1, x$/,
  ],
  [
    'a group without match',
    { 'actor.id': { path: 'a', group: 1 } },
    /^actor\.id\/group: .*belongs to `match`/,
  ],
  ['a case', { 'actor.id': { path: 'a', case: 'title' } }, /^actor\.id\/case: lower or upper/],
  ['all parts for one text', { 'actor.id': { path: 'a', split: ',' } }, /^actor\.id: `split`.*`part`/],
  ['a condition on no path', { 'actor.id': { path: 'a', if: [] } }, /^actor\.id\/if: an empty list/],
  [
    'a condition on a number',
    { 'actor.id': { path: 'a', unless: ['b', 3] } },
    /^actor\.id\/unless\/1: a path/,
  ],
  [
    'a condition on an unknown variable',
    { 'actor.id': { path: 'a', if: ['$no'] } },
    /^actor\.id\/if\/0: \$no/,
  ],
  ['otherwise', { targets: [{ id: 'a', otherwise: false }] }, /^targets\/0\/otherwise: true, or leave/],
  ['a filter', { 'actor.id': 'a[b].c' }, /^actor\.id: "a\[b\]\.c", character 3: a filter is \[key=value\]/],
  ['a filter for records', { records: 'a[b=c].d' }, /^records: a path without a filter/],
  ['$key outside of each', { 'actor.id': '$key' }, /^actor\.id: \$key is neither/],
  ['a variable called key', { let: { key: 'a' } }, /^let\/key: .*`key` is taken/],
  ['a decoder', { decode: 'xml' }, /^decode: "xml" is none of json, plain/],
  ['an option of a decoder', { decode: { csv: { column: ['a'] } } }, /^decode\/csv: .*no option "column"/],
  ['two decoders', { decode: { csv: {}, query: {} } }, /^decode: a decoder's name/],
  ['an expansion', { expand: ['msg'] }, /^expand\/0: .*`path` and `as`/],
  ['what an expansion is', { expand: { path: 'a', as: 'xml' } }, /^expand\/as: "xml" is none/],
  ['a path of an expansion', { expand: [{ path: 'a..b', as: 'json' }] }, /^expand\/0\/path: /],
  ['an option of an expansion', { expand: [{ path: 'a', as: 'json', to: 'b' }] }, /^expand\/0\/to: unknown/],
  ['a format on a text', { 'actor.id': { path: 'a', format: 'unix_s' } }, /^actor\.id: .*belong to times/],
  ['a whole number out of range', { severity: { const: 25 } }, /^severity\/const: .*1 to 24/],
])('%s', (_, mapping, expected) => {
  expect(problems(mapping)).toHaveLength(1)
  expect(problems(mapping)[0]).toMatch(expected)
})

test('all at once', () => {
  expect(problems({ nope: 'a', 'actor.id': '', targets: [{ id: 'x..y' }] })).toHaveLength(3)
})

test.each(presetNames())('the preset %s is without problems', (name) => {
  expect(problems(findPreset(name))).toEqual([])
})
