// Fields within texts are redacted on the short way as on the general one, and what has none keeps the short way.
import { expect, test } from 'vitest'
import type { RedactRule } from '../../../src/attribution/redact/rule.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { lines, spec } from '../normalising.ts'

const redact: readonly RedactRule[] = [{ key: ['password', 'Kennwört'], method: 'mask' }]

const mapping = {
  extends: 'json',
  action: { template: '{event} {resource}' },
  message: 'text',
  'metadata.cut': { path: 'cut', match: '(?:my_|by )([^|]+)' },
  'metadata.joined': { template: '{first}{second}' },
}

const record = (n: number, more: object = {}) => ({
  event: 'a.read',
  user: `u${n}`,
  resource: `/things/${n}?page=${n}&size=10`,
  first: `arn:aws:s3:::bucket-${n}`,
  second: `the 'n' of ${n} -- $${n} 100`,
  text: `did ${n}: done`,
  other: `password-${n} passwords:${n}`,
  cut: `the password of my_thing-${n}|x`,
  list: [`a${n}`, 'b'],
  ...more,
})

const clean = Array.from({ length: 300 }, (_, n) => record(n))
const values = [
  'password=s3cret',
  '"password": "s3cret"',
  'password:s3cret',
  'x password:s3cret',
  'PASSWORD\t= s3cret',
  "password\u00a0's3cret'",
  "ALTER PASSWORD E's3cret'",
  'ALTER PASSWORD $$s3cret$$',
  '?p%61ssword=s3cret',
  '?password%3Ds3cret',
  '{"p\\u0061ssword":"s3cret"}',
  '--password s3cret',
  'kennwört=s3cret',
  '?kennw%C3%B6rt=s3cret',
  'user[password]=s3cret',
  '?password[]=s3cret',
  '?password[12] = s3cret',
  '{\\x22password\\x22:\\x22s3cret\\x22}',
  '\\x16password=s3cret',
  'the password',
  '=s3cret',
  ':password',
  'my_password=s3cret|',
  'by password',
]

test('as on the general way, whatever stands in which member', () => {
  const hidden = values.flatMap((value, n) => [
    ...['event', 'user', 'resource', 'first', 'second', 'text', 'other', 'cut'].map((name) =>
      record(1000 + n, { [name]: value }),
    ),
    record(1000 + n, { list: [value, 'b'] }),
    record(1000 + n, { first: 'the password', second: value }),
  ])
  const text = [...clean, ...hidden, ...clean].map((each) => `${JSON.stringify(each)}\n`).join('')
  const secrets = { secrets: ['password', 'Kennwört'] }
  const ways = [
    spec({ preset: 'json' }, { redact }),
    spec(mapping, { redact }),
    spec({ extends: 'json', ...secrets }),
    spec({ ...mapping, ...secrets }),
    // Records that are written as JSON for their stencils.
    spec({ ...mapping, ...secrets, expand: { path: 'more', as: 'json' } }),
  ]
  for (const how of ways) {
    const short = compileNormaliser(how)
    const general = compileNormaliser(how, { stencils: false })
    for (let round = 0; round < 2; round++) {
      const payload = Buffer.from(lines(short, text).payload).toString().split('\n')
      const expected = Buffer.from(lines(general, text).payload).toString().split('\n')
      for (const [n, line] of payload.entries()) expect(line).toBe(expected[n])
    }
    expect(short.served).toBeGreaterThan(clean.length)
  }
})

test('what has none keeps the short way', () => {
  const text = clean.map((each) => `${JSON.stringify(each)}\n`).join('')
  const served = (rules: readonly RedactRule[]) => {
    const normaliser = compileNormaliser(spec({ preset: 'json' }, { redact: rules }))
    lines(normaliser, text)
    return normaliser.served
  }
  expect(served(redact)).toBe(served([]))
})
