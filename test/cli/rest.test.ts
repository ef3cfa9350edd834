// What an agent asks of the engine while it starts, works, and rests.
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Rest, v8 } from '../../src/cli/rest.ts'

/** Milliseconds of processor time so far. */
let used = 0
let asked: string[] = []
const engine = {
  spare: () => void asked.push('spare'),
  work: () => void asked.push('work'),
  collect: () => void asked.push('collect'),
}

/** So long, at so much of a core. */
function pass(milliseconds: number, share: number): void {
  for (let at = 0; at < milliseconds; at += 250) {
    used += 250 * share
    vi.advanceTimersByTime(250)
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  used = 0
  asked = []
})
afterEach(() => vi.useRealTimers())

test('a start spares, and gives back what it took once, when nothing comes', () => {
  const rest = new Rest(engine, () => used)
  pass(500, 1)
  rest.watch()
  pass(750, 0.4)
  pass(2_000, 0.02)
  expect(asked).toEqual(['spare'])
  pass(250, 0.02)
  expect(asked).toEqual(['spare', 'collect'])
  pass(600_000, 0.02)
  expect(asked).toEqual(['spare', 'collect'])
  rest.end()
})

test('a start that takes long is work', () => {
  const rest = new Rest(engine, () => used)
  pass(4_000, 0.25)
  expect(asked).toEqual(['spare'])
  pass(250, 0.25)
  expect(asked).toEqual(['spare', 'work'])
  rest.watch()
  pass(10_000, 1)
  expect(asked).toEqual(['spare', 'work'])
  rest.end()
})

test('work begins with the first look, and half a minute after the last of it the agent rests', () => {
  const rest = new Rest(engine, () => used)
  rest.watch()
  pass(4_000, 0)
  asked = []
  pass(250, 0.9)
  expect(asked).toEqual(['work'])
  pass(20_000, 0.05)
  pass(250, 0.2)
  pass(29_750, 0.05)
  expect(asked).toEqual(['work'])
  pass(250, 0.05)
  expect(asked).toEqual(['work', 'spare', 'collect'])
  rest.end()
  pass(60_000, 1)
  expect(asked).toEqual(['work', 'spare', 'collect'])
})

test('the engine knows what it is asked, and frees what it can', () => {
  const code = `
    import { v8 } from './src/cli/rest.ts'
    const kept = new WeakRef(new Array(1e6).fill(0))
    setImmediate(() => { ${Object.keys(v8)
      .map((name) => `v8.${name}()`)
      .join('; ')}; console.log(kept.deref()) })
  `
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  // An option that an engine does not know is told of here.
  expect({ stdout, stderr }).toEqual({ stdout: 'undefined\n', stderr: '' })
})
