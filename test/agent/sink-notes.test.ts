// One loss is told once, though retention and the delivery that steps over it both notice.
import { expect, test } from 'vitest'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import { SinkNotes } from '../../src/agent/sink-notes.ts'

function setUp() {
  const recorded: OwnEventDraft[] = []
  const notes = new SinkNotes({ record: (draft) => recorded.push(draft) })
  const ranges = () =>
    recorded.map(({ action, metadata }) => [
      action,
      metadata?.first_seq,
      metadata?.last_seq,
      metadata?.reason,
    ])
  return { notes, recorded, ranges }
}

test('what expired before a sink had it is told by retention, and not again by its delivery', () => {
  const { notes, ranges } = setUp()
  notes.expired({ sink: 'lazy', firstSeq: 10, lastSeq: 19 })
  notes.notice({ kind: 'gap', sink: 'lazy', from: 12, to: 20 })
  expect(ranges()).toEqual([['affiant.sink.gap', 10, 19, 'expired']])
})

test('what was dropped is told with whose it was', () => {
  const { notes, recorded, ranges } = setUp()
  notes.dropped({ firstSeq: 0, lastSeq: 99, sinks: ['a', 'b'], reason: 'full' })
  notes.notice({ kind: 'gap', sink: 'a', from: 0, to: 100 })
  notes.notice({ kind: 'gap', sink: 'b', from: 50, to: 100 })
  expect(ranges()).toEqual([['affiant.journal.dropped', 0, 99, 'full']])
  expect(recorded[0]?.targets).toEqual([
    { id: 'a', type: 'sink' },
    { id: 'b', type: 'sink' },
  ])
})

test('damage is a gap of each sink, without the part that was told before', () => {
  const { notes, ranges } = setUp()
  notes.dropped({ firstSeq: 0, lastSeq: 9, sinks: ['a'], reason: 'age' })
  notes.notice({ kind: 'gap', sink: 'a', from: 5, to: 15 })
  notes.notice({ kind: 'gap', sink: 'b', from: 10, to: 15 })
  expect(ranges()).toEqual([
    ['affiant.journal.dropped', 0, 9, 'age'],
    ['affiant.sink.gap', 10, 14, 'unreadable'],
    ['affiant.sink.gap', 10, 14, 'unreadable'],
  ])
})
