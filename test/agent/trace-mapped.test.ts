// What `affiant show` says of a record that is not redacted itself: nothing that its event has lost.
import { expect, test } from 'vitest'
import { mappedRows } from '../../src/agent/trace-mapped.ts'
import type { RedactRule } from '../../src/attribution/redact/rule.ts'
import type { AuditEvent } from '../../src/event/audit-event.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec } from '../normalise/normalising.ts'

const mapping = {
  extends: 'json',
  'actor.name': { path: 'user', case: 'upper' },
  'metadata.device': 'device',
  'metadata.serial': 'device.serial',
  'metadata.level': { path: 'note', table: { 'for eve@mail.example': 'high' } },
}
const record = {
  user: 'alice.secret',
  event: 'order.read',
  result: 'SUCCESS',
  device: { serial: 'SN-4711', maker: 'acme' },
  note: 'for eve@mail.example',
}

function rowsOf(redact: readonly RedactRule[]) {
  const normaliser = compileNormaliser(spec(mapping, { redact }))
  const [event] = eventsOf(lines(normaliser, `${JSON.stringify(record)}\n`))
  const rows = mappedRows(
    normaliser.explain(record),
    record,
    event as unknown as AuditEvent,
    redact.length > 0,
  )
  return Object.fromEntries(rows.map(({ source, target, value }) => [`${source} > ${target}`, value]))
}

test('without rules, all of it', () => {
  expect(rowsOf([])).toMatchObject({
    'user > actor.id': 'alice.secret',
    'user > actor.name': 'alice.secret',
    'user > actor.type': 'alice.secret',
    'result > outcome.result': 'SUCCESS',
    'device > metadata.device': record.device,
    'note > metadata.level': record.note,
  })
})

test('of a field that one member has lost, nothing in any row', () => {
  const rows = rowsOf([{ path: ['actor.id'], method: 'hash' }])
  expect(rows).toMatchObject({
    'user > actor.id': '***',
    'user > actor.name': '***',
    'user > actor.type': '***',
    'result > outcome.result': 'SUCCESS',
  })
  expect(JSON.stringify(rows)).not.toContain('alice')
})

test('nor of what is within such a field, or around it', () => {
  const within = rowsOf([{ path: ['metadata.device'], method: 'mask' }])
  expect(within).toMatchObject({
    'device > metadata.device': '***',
    'device.serial > metadata.serial': '***',
  })
  const around = rowsOf([{ path: ['metadata.serial'], method: 'drop' }])
  expect(around).toMatchObject({
    'device > metadata.device': '***',
    'device.serial > metadata.serial': '***',
  })
  const byName = rowsOf([{ key: ['serial'], method: 'mask' }])
  expect(JSON.stringify(byName)).not.toContain('4711')
})

test('nor what the event does not say, since no rule has looked at it', () => {
  const rows = rowsOf([{ pattern: ['email'], method: 'mask' }])
  expect(rows).toMatchObject({ 'note > metadata.level': '***', 'user > actor.id': 'alice.secret' })
  expect(JSON.stringify(rows)).not.toContain('eve@')
})

test('times, and words that are one of a few, are shown as the record has them', () => {
  const normaliser = compileNormaliser(
    spec({ preset: 'json' }, { redact: [{ key: ['password'], method: 'drop' }] }),
  )
  const given = { ts: '2026-11-23T12:00:00+01:00', user: 'u', event: 'a.read', status: 403, password: 'x' }
  const [event] = eventsOf(lines(normaliser, `${JSON.stringify(given)}\n`))
  const rows = mappedRows(normaliser.explain(given), given, event as unknown as AuditEvent, true)
  expect(rows).toContainEqual({
    source: 'ts',
    target: 'time',
    value: given.ts,
    result: '2026-11-23T11:00:00.000000000Z',
  })
  expect(rows.find(({ target }) => target === 'outcome.result')).toMatchObject({
    value: 403,
    result: 'denied',
  })
})
