import { expect, test } from 'vitest'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import { RouteNotes } from '../../src/agent/route-notes.ts'

const noise = { name: 'noise', to: [], drop: 'probes', continue: false }
const tests = { name: 'tests', to: [], drop: 'test traffic', continue: false }

test('what routes drop is told once a minute and route, with its reason, and the rest at the end', () => {
  const recorded: OwnEventDraft[] = []
  let now = 0
  const notes = new RouteNotes({ now: () => now }, { record: (draft) => recorded.push(draft) })
  const told = () =>
    recorded.splice(0).map(({ targets, metadata }) => [targets?.[0]?.id, metadata?.count, metadata?.reason])
  notes.dropped(noise, 3)
  notes.tell()
  expect(told()).toEqual([])
  now = 59_000
  notes.dropped(noise, 2)
  notes.dropped(tests, 1)
  notes.tell()
  expect(told()).toEqual([])
  now = 60_000
  notes.tell()
  expect(told()).toEqual([['noise', 5, 'probes']])
  notes.tell()
  expect(told()).toEqual([])
  notes.dropped(noise, 7)
  notes.tell(true)
  expect(told()).toEqual([
    ['tests', 1, 'test traffic'],
    ['noise', 7, 'probes'],
  ])
  notes.tell(true)
  expect(told()).toEqual([])
})
