import { expect, test } from 'vitest'
import { Progress } from '../../src/cli/progress.ts'

function drawing(isTTY: boolean, onlyOnTerminal = false) {
  const drawn: string[] = []
  let now = 1000
  const stream = { isTTY, columns: 60, write: (text: string | Uint8Array) => drawn.push(String(text)) > 0 }
  const progress = new Progress({ title: 'replay to hook', stream, onlyOnTerminal, now: () => now })
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { progress, drawn, pass }
}

test('on a terminal: one line, drawn anew a few times a second, never wider than it is, gone at the end', () => {
  const { progress, drawn, pass } = drawing(true)
  progress.begin(12_000)
  for (let step = 1; step <= 20; step++) {
    pass(50)
    progress.show(step * 100, null)
  }
  expect(drawn).toHaveLength(6)
  expect(drawn.at(-1)).toBe('\r\u001b[Kreplay to hook: 2,000 of 12,000 events (16 %), 2,000/s')
  pass(1000)
  progress.show(2000, 'HTTP 401: \u001b[2Jno\r\nsuch token, and very many more words')
  expect(drawn.at(-1)?.slice(4)).toHaveLength(59)
  expect(drawn.at(-1)?.slice(4)).toContain('waits: HTTP')
  expect(drawn.at(-1)?.slice(4)).not.toMatch(/\p{C}/u)
  progress.end()
  progress.end()
  expect(drawn.at(-1)).toBe('\r\u001b[K')
})

test('elsewhere: a line each few seconds, none for what is over at once, nothing where nobody asked for it', () => {
  const { progress, drawn, pass } = drawing(false)
  progress.begin(100)
  pass(4_999)
  progress.show(10, null)
  expect(drawn).toEqual([])
  pass(1)
  progress.show(20, null)
  pass(10)
  progress.show(30, null)
  expect(drawn).toEqual(['replay to hook: 20 of 100 events (20 %), 4/s\n'])
  progress.end()
  expect(drawn).toHaveLength(1)
  const quiet = drawing(false, true)
  quiet.progress.begin(1)
  quiet.pass(60_000)
  quiet.progress.show(1, null)
  expect(quiet.drawn).toEqual([])
})
