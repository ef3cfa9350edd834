import { expect, test } from 'vitest'
import { Slots } from '../../src/delivery/slots.ts'

/** `held` of what is under way, `doubt` of those for a few events that may be at fault themselves. */
function slots(max: number, under: readonly string[], { held = 0, doubt = 0 } = {}): Slots {
  const made = new Slots({ min: 1, max }, { heldCount: held, doubtCount: doubt })
  for (const partition of under) made.take(Promise.resolve(), partition)
  return made
}

test('as many as the destination bears, and those that end make room', () => {
  const made = slots(4, ['a', 'a', 'a'])
  expect(made.admit({ partition: 'a' })).toBe(true)
  const task = Promise.resolve()
  made.take(task, 'a')
  expect(made.taken).toBe(4)
  expect(made.admit({ partition: 'b' })).toBe(false)
  made.release(task)
  expect(made.admit({ partition: 'b' })).toBe(true)
})

test('when all that is under way is held, one more is let through, and no second', () => {
  const four = ['a', 'a', 'a', 'a']
  expect(slots(4, four, { held: 3 }).admit({ partition: 'a' })).toBe(false)
  expect(slots(4, four, { held: 4 }).admit({ partition: 'a' })).toBe(true)
  expect(slots(4, [...four, 'a'], { held: 5 }).admit({ partition: 'b' })).toBe(false)
})

test('where order is kept, only another partition overtakes what is held, or what comes behind a few doubtful events', () => {
  const held = slots(1, ['a'], { held: 1 })
  expect(held.admit({ partition: 'a' })).toBe(false)
  expect(held.admit({ partition: 'b' })).toBe(true)
  // Nothing is there that could show whose fault it is.
  expect(held.admit(undefined)).toBe(false)
  expect(slots(1, ['a'], { held: 1, doubt: 1 }).admit({ partition: 'a' })).toBe(true)
})

test('stuck is what is held and lets nothing through', () => {
  expect(slots(1, ['a'], { held: 1 }).areStuck({ partition: 'a' })).toBe(true)
  expect(slots(1, ['a'], { held: 1 }).areStuck({ partition: 'b' })).toBe(false)
  expect(slots(1, ['a']).areStuck({ partition: 'a' })).toBe(false)
  expect(slots(2, ['a', 'a', 'a'], { held: 3 }).areStuck({ partition: 'b' })).toBe(true)
})
