import { expect, test } from 'vitest'
import { answeringOnMissing, attributionConfig, receiverOnMissing } from '../../src/attribution/config.ts'
import { redactConfig } from '../../src/attribution/redact/config.ts'

test('without a word the four questions are asked, and a login is not asked for its target', () => {
  expect(attributionConfig.parse(undefined).require).toEqual({
    default: ['actor.id', 'action', 'targets', 'outcome.result'],
    authentication: ['actor.id', 'action', 'outcome.result'],
  })
})

test('what is written replaces the default of its category', () => {
  const require = { default: ['action'], iam: ['actor.id'] }
  expect(attributionConfig.parse({ require }).require).toEqual({
    default: ['action'],
    authentication: ['actor.id', 'action', 'outcome.result'],
    iam: ['actor.id'],
  })
})

test('a receiver that nobody waits for cannot reject', () => {
  expect(receiverOnMissing.safeParse('dead_letter').success).toBe(true)
  expect(receiverOnMissing.safeParse('reject').success).toBe(false)
  expect(answeringOnMissing.safeParse('reject').success).toBe(true)
})

test.each([
  [{ require: { login: ['actor.id'] } }],
  [{ require: { default: ['id'] } }],
  [{ require: { default: ['actor..id'] } }],
  [{ on_missing: 'reject' }],
])('%j is refused', (config) => {
  expect(attributionConfig.safeParse(config).success).toBe(false)
})

test('one key or several', () => {
  const rules = [
    { key: 'password', method: 'drop' },
    { key: ['token', 'cookie'], method: 'mask' },
  ]
  expect(redactConfig.parse(rules)).toEqual([
    { key: ['password'], method: 'drop' },
    { key: ['token', 'cookie'], method: 'mask' },
  ])
  expect(redactConfig.parse(undefined)).toEqual([])
})

test.each([[{ key: [], method: 'drop' }], [{ key: '', method: 'drop' }], [{ key: 'a', method: 'hide' }]])(
  '%j is no rule',
  (rule) => {
    expect(redactConfig.safeParse([rule]).success).toBe(false)
  },
)
