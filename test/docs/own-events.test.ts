// docs/own-events.md against the code: every action that the source can record, and each member of its metadata.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentRecovered, agentStarted, agentStopped, clockJumped } from '../../src/agent/agent-notes.ts'
import { chainGap, chainViolated, signatureFailed } from '../../src/agent/audit-notes.ts'
import { enrichmentLoaded, enrichmentRefused } from '../../src/agent/enrichment-notes.ts'
import { agentDrained, handedOver, handoverStarted } from '../../src/agent/handover-notes.ts'
import {
  epochBegan,
  journalDamaged,
  journalDropped,
  journalKeyChanged,
  journalPressed,
  journalRelieved,
} from '../../src/agent/journal-notes.ts'
import type { OwnEventDraft } from '../../src/agent/own-events.ts'
import { readingUnknown } from '../../src/agent/pod-notes.ts'
import { configRefused, configReloaded } from '../../src/agent/reload-notes.ts'
import { purged, purgeStarted, replayEnded, replayStarted } from '../../src/agent/replay-notes.ts'
import { routeDropped } from '../../src/agent/route-notes.ts'
import {
  certificateLoaded,
  certificateRefused,
  connectionRefused,
  keysLoaded,
  keysRefused,
  messagesLost,
  outOfScope,
  unauthenticated,
} from '../../src/agent/server-notes.ts'
import {
  sinkDeadLettered,
  sinkForgotten,
  sinkGap,
  sinkHeld,
  sinkResumed,
} from '../../src/agent/sink-notes.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/own-events.md'), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `(affiant\.[a-z_.]+)` \|[^|]*\|([^|]*)\|$/gm)].map((match) => [
    match[1]!,
    match[2]!,
  ]),
)

const range = { firstSeq: 1, lastSeq: 2 }
const recovery = { found: true, milliseconds: 1, tornBytes: 0, events: 1, damaged: [], clean: false }
const requester = { user: 'a', uid: 1, sudo_user: 'b' }
const missing = [{ first_seq: 1, last_seq: 1 }]
const replay = { id: 'a', source: 'journal', from: 1, to: 2, events: 1, missing, requester } as const
const purge = { ...range, id: 'a', letters: 1, sha256: 'a', requester }
const server = { receiver: 'a', listen: '127.0.0.1:1' }
const peer = { ip: '::1', auth_id: 'b' }
const none = { added: [], changed: [], removed: [], code: null, reason: null, hint: null }
const report = { kind: 'reloaded', ...none, from: 'a', to: 'b', problems: [] } as const
const problems = [{ severity: 'error' as const, path: ['sinks'], message: 'm' }]
const asked = { trigger: 'command', requester } as const
const finding = { stream: 's', record: 'i', number: '2', what: 'w' }
const drafts: readonly OwnEventDraft[] = [
  agentStarted({ version: '1', node: '24', pid: 1, configHash: 'a', recovery }),
  agentRecovered(recovery),
  agentStopped({ reason: 'signal', detail: 'SIGTERM' }, true),
  agentDrained({ outcome: 'unsettled', through: 1, unsettled: ['a'], timeout: 1, requester }),
  configReloaded({ ...report, outcome: 'changed', added: ['a'], changed: ['b'], removed: ['c'] }, asked),
  configRefused({ ...report, outcome: 'refused', code: 'config_invalid', reason: 'r', problems }, asked),
  clockJumped(0, 5_000, 'running'),
  journalPressed({ reason: 'full', message: 'full' }),
  journalRelieved('full', 0, 1),
  journalDamaged({ ...range, file: 'f' }),
  journalKeyChanged({ from: 'a', to: 'b' }),
  epochBegan({
    from_origin: 'o',
    last_seq: 1,
    set_aside: 'd',
    unsettled: [{ sink: 'a', from: 1 }],
    requested_by: { user: 'u', uid: 0 },
    time: 't',
  }),
  journalDropped({ ...range, sinks: ['a'], reason: 'age' }),
  enrichmentLoaded({ path: 'f', sha256: 'a', notes: ['n'] }),
  enrichmentRefused({ path: 'f', sha256: 'a', problem: 'r' }, 'r'),
  certificateLoaded({ ...server, certificate: { sha256: 'a', expires: 'b' } }),
  certificateRefused({ ...server, reason: 'r' }),
  keysLoaded({ receiver: 'r', keys: ['k'] }),
  keysRefused({ receiver: 'r', reason: 'r' }),
  unauthenticated({ receiver: 'a', ip: '::1', reason: 'r' }),
  connectionRefused({ receiver: 'a', ip: '::1', reason: 'tls', detail: 'd' }),
  messagesLost({ ...server, reason: 'stopped', messages: 1 }),
  outOfScope({ receiver: 'a', ip: '::1', authId: 'b', records: 1, scope: 's' }),
  signatureFailed({ receiver: 'a', peer, count: 1, records: [{ index: 0, id: 'i', algorithm: 'EdDSA' }] }),
  chainGap({ receiver: 'a', peer, ...finding }),
  chainViolated({ receiver: 'a', peer, ...finding }),
  readingUnknown({
    receiver: 'a',
    namespace: 'n',
    pod: 'p',
    container: 'c',
    annotation: 'a',
    value: 'v',
    preset: 'plain',
  }),
  sinkHeld('a', 'r'),
  sinkResumed('a'),
  sinkDeadLettered('a', { ...range, count: 1, reason: 'r' }),
  sinkGap('a', 1, 2, 'expired'),
  sinkForgotten({ name: 'a', settled: 1, at: 0 }),
  replayStarted('a', replay),
  replayEnded('a', replay, { outcome: 'ended', accepted: 1, refused: 0, settled: 1, reason: 'r' }),
  purgeStarted('a', purge),
  purged('a', purge, 'r'),
  handoverStarted({ fallback: 'a', from: 1, to: 3 }, ['b']),
  handedOver(
    'b',
    { fallback: 'a', from: 1, to: 3 },
    { events: 1, ranges: [range] },
    { outcome: 'ended', settled: 1, refused: 1, reason: 'r' },
  ),
  routeDropped('a', { count: 1, reason: 'r', from: 0, to: 1 }),
]

test('the page has every action that the source names, and no other', () => {
  const named = globSync('src/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/'(affiant\.[a-z]+\.[a-z_]+)'/g)].map(
      ([, name]) => name!,
    ),
  )
  expect([...rows.keys()].toSorted()).toEqual([...new Set(named)].toSorted())
})

test.each(drafts.map((draft) => [draft.action, draft] as const))('%s: its metadata', (action, draft) => {
  const documented = [...rows.get(action)!.matchAll(/`([a-z_0-9]+)`/g)].map(([, name]) => name)
  for (const member of Object.keys(draft.metadata ?? {})) expect(documented).toContain(member)
})

test('whatever is recorded of streams aside, every action has its draft here', () => {
  const others = [...rows.keys()].filter((action) => !action.startsWith('affiant.stream.'))
  expect(drafts.map(({ action }) => action).toSorted()).toEqual(others.toSorted())
})
