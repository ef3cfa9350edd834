import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWithin, parseScopePath, shownScope } from '../../src/event/scope-path.ts'
import { seed } from '../seed.ts'

const paths = (...texts: string[]) => texts.map((text) => parseScopePath(text)!)
const acme = { type: 'organization', id: 'acme' }
const shop = { type: 'project', id: 'shop', name: 'The shop' }

describe('a path', () => {
  test.each([
    ['organization:acme', [acme], true],
    ['organization:acme', [acme, shop], true],
    ['organization:acme/project:shop', [acme, shop, { type: 'service', id: 'x' }], true],
    ['organization:acme/project:*', [acme, shop], true],
    ['organization:acme/project:*', [acme, { type: 'project' }], true],
    ['organization:acme/project:*', [acme], false],
    ['organization:acme/project:shop', [acme, { type: 'project' }], false],
    ['organization:*', [{ type: 'tenant', id: 'acme' }], false],
    ['project:shop', [acme, shop], false],
    ['organization:acm', [acme], false],
    ['organization:acme', [], false],
    ['organization:*', undefined, false],
    ['none', [], true],
    ['none', undefined, true],
    ['none', [acme], false],
    ['arn:aws:s3:::x', [{ type: 'arn', id: 'aws:s3:::x' }], true],
    ['repository:acme%2Fshop', [{ type: 'repository', id: 'acme/shop' }], true],
    ['a:%2A', [{ type: 'a', id: 'b' }], false],
    ['a:%2a', [{ type: 'a', id: '*' }], true],
    ['a:100%25', [{ type: 'a', id: '100%' }], true],
  ])('%s and %j: %s', (text, scope, within) => {
    expect(isWithin(scope, paths(text))).toBe(within)
  })

  test.each(['', 'acme', 'organization:', ':acme', 'a:b/', 'a:b/c', '/a:b', 'a b:c', 'none/a:b', 'a:b//c:d'])(
    '%j is none',
    (text) => {
      expect(parseScopePath(text)).toBeUndefined()
    },
  )

  test('one of several is enough', () => {
    expect(isWithin([acme], paths('organization:beta', 'organization:acme'))).toBe(true)
    expect(isWithin([acme], paths('organization:beta', 'none'))).toBe(false)
    expect(isWithin([acme], [])).toBe(false)
  })

  test('what a refusal shows is what allows it, and only that', () => {
    const id = fc.string({
      minLength: 1,
      maxLength: 8,
      unit: fc.constantFrom('a', '/', '*', '%', '2', 'F', ':'),
    })
    const level = fc.record({ type: fc.constantFrom('account', 'cluster'), id })
    const scope = fc.array(level, { maxLength: 3 })
    fc.assert(
      fc.property(scope, scope, (shown, other) => {
        const [path] = paths(shownScope(shown))
        expect(isWithin(shown, [path!])).toBe(true)
        const isBelow =
          shown.length === 0
            ? other.length === 0
            : shown.every((one, i) => JSON.stringify(one) === JSON.stringify(other[i]))
        expect(isWithin(other, [path!])).toBe(isBelow)
      }),
      { seed },
    )
  })

  test('long ones are cut', () => {
    expect(shownScope([{ type: 'account', id: 'x'.repeat(300) }])).toHaveLength(201)
  })
})
