// The draft audit signal (OTEP 0267), attribute by attribute, with the names that older drafts had.
import { expect, test } from 'vitest'
import { invalid, mapOne } from '../normalising.ts'

const otlp = { preset: 'otlp' }

const record = (attributes: object, resource: object = {}) =>
  mapOne(otlp, {
    timestamp: '1795417113120000000',
    observed_timestamp: '1795417114120000000',
    event_name: 'invoice.approve',
    attributes: { 'audit.actor.id': 'u_42', 'audit.actor.type': 'user', ...attributes },
    resource: { 'service.name': 'billing', ...resource },
  })

test('what a record must and may have has a place of its own', () => {
  const event = record(
    {
      'audit.record.id': '018f3c1e-7b1a-7c3e-9d54-0a1b2c3d4e5f',
      'audit.action': 'APPROVE',
      'audit.outcome': 'failure',
      'audit.target.id': 'inv_7',
      'audit.target.type': 'invoice',
      'audit.schema.version': '1.0',
      'audit.source.id': 'pos-7',
      'audit.source.type': 'terminal',
      'audit.integrity.value': 'c2ln',
      'audit.integrity.signer': 'billing',
      'audit.integrity.canonicalization': 'jcs',
      'audit.sequence.number': 7,
      'audit.sequence.previous_hash': 'aa',
      'audit.sequence.previous_record_id': 'bb',
      'audit.sequence.stream_id': 'cc',
      'audit.sequence.end': true,
    },
    { 'audit.integrity.algorithm': 'Ed25519', 'audit.integrity.certificate': 'cert-1' },
  )
  expect(invalid(event)).toBeUndefined()
  expect(event).toMatchObject({
    action: 'APPROVE',
    actor: { id: 'u_42', type: 'user' },
    outcome: { result: 'failure' },
    targets: [{ id: 'inv_7', type: 'invoice' }],
    source: { device_id: 'pos-7' },
    metadata: { schema_version: '1.0', source_type: 'terminal' },
    integrity: {
      algorithm: 'Ed25519',
      canonicalization: 'jcs',
      certificate: 'cert-1',
      sequence: { end: true, number: 7, previous_hash: 'aa', previous_record_id: 'bb', stream_id: 'cc' },
      signer: 'billing',
      value: 'c2ln',
    },
  })
  expect(Object.keys((event.unmapped as { attributes?: object }).attributes ?? {})).toEqual([])
})

test.each(['audit.sequence.previous_hash', 'audit.sequence.prev_hash', 'audit.prev.hash'])('%s', (name) => {
  expect(record({ [name]: 'aa' })).toMatchObject({ integrity: { sequence: { previous_hash: 'aa' } } })
})

test('the draft has all of them as texts', () => {
  const event = record({ 'audit.sequence.number': '7', 'audit.sequence.end': 'true' })
  expect(event).toMatchObject({ integrity: { sequence: { end: true } } })
  expect(invalid(event)).toBeUndefined()
  const sequence = (event.integrity as { sequence: { number: unknown } }).sequence
  expect([7, '7']).toContain(sequence.number)
})

test('the event name is the action where no attribute is; what the resource is in is its scope', () => {
  const event = record(
    {},
    {
      'cloud.account.id': '123',
      'k8s.cluster.name': 'prod',
      'k8s.namespace.name': 'web',
      'cloud.region': 'eu-1',
    },
  )
  expect(event).toMatchObject({
    action: 'invoice.approve',
    scope: [
      { type: 'account', id: '123' },
      { type: 'cluster', id: 'prod', name: 'prod' },
      { type: 'namespace', id: 'web' },
    ],
  })
})
