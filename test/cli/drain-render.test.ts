// What `affiant drain` says: nothing that a destination wrote moves the cursor, and long lists are cut.
import { expect, test } from 'vitest'
import type { DrainEnd } from '../../src/agent/drain-message.ts'
import { endLines, progressLine } from '../../src/cli/drain-render.ts'

const end: DrainEnd = {
  kind: 'end',
  outcome: 'unsettled',
  stopping: false,
  read: true,
  unread: [],
  committed: 1,
  settle_below: 1234,
  sinks: [{ sink: 'lake', required: true, settled: 1, unsettled: null }],
  handed_over: null,
  data_dir: '/var/lib/affiant',
}
const unsettled = { events: 1200, counted: true, ranges: [], reason: null }
const ranges = Array.from({ length: 7 }, (_, n) => ({ first_seq: 10 * n, last_seq: 10 * n + (n % 2) }))

test('while it waits', () => {
  const siem = { sink: 'siem', lag: 1200, waiting: 'HTTP 503: \u001b[2Jnot\r\nnow' }
  expect(
    progressLine({
      kind: 'progress',
      phase: 'settling',
      sinks: [siem, { sink: 'lake', lag: 3, waiting: null }],
    }),
  ).toBe('drain: waits for sinks; siem 1,200 behind (HTTP 503:  [2Jnot now); lake 3 behind')
  expect(progressLine({ kind: 'progress', phase: 'reading', sinks: [] })).toBe(
    'drain: reads files to their end',
  )
})

test('at its end, all is well', () => {
  expect(endLines({ ...end, outcome: 'drained' })).toEqual([
    'drained: everything that was in the files is read and settled, 1 event committed meanwhile',
    '  lake: 1 event settled meanwhile, none is left',
  ])
})

test('what is left, at which sink and where; what could not be counted', () => {
  const sinks = [
    { sink: 'siem', required: true, settled: 0, unsettled: { ...unsettled, ranges, reason: 'HTTP 503' } },
    {
      sink: 'hook',
      required: false,
      settled: 0,
      unsettled: { ...unsettled, counted: false, ranges: ranges.slice(0, 1) },
    },
  ]
  expect(
    endLines({ ...end, read: false, unread: [{ path: '/var/log/a\nb.log', bytes: 5000 }], sinks }),
  ).toEqual([
    'not drained',
    '  files are not read to their end: the journal takes nothing, or there was too little time',
    '    /var/log/a b.log: 5,000 bytes are not committed',
    '  siem: 1,200 events unsettled, seq 0, 10..11, 20, 30..31, 40 and 2 ranges more: HTTP 503',
    '  hook (not required): more than 1,200 events unsettled, seq 0',
    '  what is unsettled stays in the journal in /var/lib/affiant, and goes out after the next start on it',
  ])
})

test('what was handed over, in part, and before', () => {
  const handed = {
    fallback: 'last',
    outcome: 'done',
    accepted: 0,
    refused: 0,
    elsewhere: 0,
    reason: null,
  } as const
  const last = (more: object) => endLines({ ...end, handed_over: { ...handed, ...more } }).at(-1)
  expect(last({})).toBe('  all of it was handed over to last before')
  expect(last({ accepted: 1200, elsewhere: 30 })).toBe(
    '  1,200 events handed over to last; 30 it gets anyway',
  )
  expect(last({ accepted: 1, refused: 2, outcome: 'ended', reason: 'HTTP 503' })).toBe(
    '  1 event handed over to last; 2 it refused: affiant dlq show last; not all of it: HTTP 503',
  )
})

test('who ended it is said: the command, or a stop of the agent', () => {
  const first = (stopping: boolean) => endLines({ ...end, outcome: 'ended', stopping })[0]
  expect([first(false), first(true)]).toEqual([
    'ended before it was drained; the agent goes on',
    'ended before it was drained; the agent stops',
  ])
})
