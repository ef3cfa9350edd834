// The soak's own measure: it must see a leak under everything that a level process does, and nothing else.
import { expect, test } from 'vitest'
import { randomFrom, seed } from '../seed.ts'
import { type Reading, slope } from './slope.ts'

/** What the soak takes for growth. MiB a minute. */
const bound = 1

/** Ten minutes of a process, a look every two seconds: garbage comes and goes beside what `level` says. MiB. */
function life(level: (at: number) => number, minutes = 10): Reading[] {
  const random = randomFrom(seed)
  return Array.from({ length: 30 * minutes }, (_, index) => {
    const at = 120 + index * 2
    return { at, value: level(at) + 25 * random() }
  })
}

const perMinute = (...lives: Reading[][]) => 60 * slope(lives)

test('a level process is level, though its heap took a step', () => {
  expect(Math.abs(perMinute(life(() => 200)))).toBeLessThan(bound)
  expect(Math.abs(perMinute(life((at) => (at < 200 ? 195 : 205))))).toBeLessThan(bound)
})

test('a leak of 2 MiB a minute is seen, with a step, and over several lives', () => {
  const leak = (at: number) => (2 * at) / 60
  expect(perMinute(life((at) => 200 + leak(at)))).toBeGreaterThan(bound)
  expect(perMinute(life((at) => (at < 200 ? 210 : 200) + leak(at)))).toBeGreaterThan(bound)
  expect(
    perMinute(
      life(leak, 4),
      life((at) => 90 + leak(at), 6),
    ),
  ).toBeGreaterThan(bound)
})

test('too little says nothing', () => {
  expect(slope([])).toBe(0)
  expect(slope([life(() => 1).slice(0, 3)])).toBe(0)
})
