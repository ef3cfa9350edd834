import { expect, test } from 'vitest'
import { compileWithhold } from '../../src/agent/withhold.ts'
import { EventAt } from '../../src/delivery/event-at.ts'
import { canonicalize } from '../../src/event/canonical.ts'

type Config = Parameters<typeof compileWithhold>[0]

const config = (policies: Record<string, string | undefined>, on_missing = 'tag') =>
  ({
    attribution: { on_missing },
    receivers: Object.fromEntries(Object.entries(policies).map(([name, own]) => [name, { on_missing: own }])),
  }) as unknown as Config

/** In the middle of a payload, as events lie in a block. */
function view(event: object) {
  const before = Buffer.from('{"attribution":{"complete":false,"missing":["x"]}}\n')
  const bytes = Buffer.from(canonicalize(event))
  return new EventAt().at(Buffer.concat([before, bytes, before]), before.length, bytes.length)
}

const event = (receiver: string, missing: readonly string[], more: object = {}) => ({
  action: 'x',
  attribution: missing.length === 0 ? { complete: true } : { complete: false, missing },
  provenance: { receiver },
  ...more,
})

test('what lacks something is withheld, with what that is', () => {
  const withhold = compileWithhold(config({ app: 'dead_letter', web: 'tag' }))!
  expect(withhold(view(event('app', ['actor.id', 'targets'])))?.reason).toBe(
    'its attribution is incomplete: actor.id, targets',
  )
  expect(withhold(view(event('app', [])))).toBeUndefined()
  expect(withhold(view(event('web', ['actor.id'])))).toBeUndefined()
  expect(withhold(view(event('gone', ['actor.id'])))).toBeUndefined()
})

test('a receiver without a word of its own has that of all', () => {
  const withhold = compileWithhold(config({ app: undefined, web: 'accept' }, 'dead_letter'))!
  expect(withhold(view(event('app', ['actor.id'])))).toBeDefined()
  expect(withhold(view(event('web', ['actor.id'])))).toBeUndefined()
})

test('a free-form member that looks like it is none', () => {
  const withhold = compileWithhold(config({ app: 'dead_letter' }))!
  const unmapped = { attribution: { complete: false, missing: ['y'] } }
  expect(withhold(view(event('app', [], { unmapped })))).toBeUndefined()
})

test('nobody looks at events where nobody asked for it', () => {
  expect(compileWithhold(config({ app: 'tag' }))).toBeUndefined()
})
