// Records with a proof of their producer's: whether it held is said by the receiver alone, and what was signed is what is kept.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { DecodedRecord } from '../../src/event/record.ts'
import { compileNormaliser } from '../../src/normalise/normaliser.ts'
import { eventsOf, invalid, observed, spec, stream } from './normalising.ts'

const value = {
  timestamp: '1795417113120000000',
  attributes: { 'audit.integrity.value': 'c2lnbmVk', 'audit.integrity.verified': true },
  resource: { 'audit.integrity.algorithm': 'EdDSA' },
  integrity: { verified: true },
  verified: true,
}

function normalised(record: DecodedRecord, raw: 'none' | 'hash' | 'full' = 'none') {
  const batch = compileNormaliser({ ...spec({ preset: 'otlp' }), raw }).records({
    stream,
    records: [record],
    index: 0,
    observed,
  })
  const [event] = eventsOf(batch)
  expect(invalid(event!)).toBeUndefined()
  return { event: event!, raw: Buffer.from(batch.raw).toString() }
}

test('a proof that was checked and holds is marked', () => {
  const { event } = normalised({ value, verified: true })
  expect(event.integrity).toEqual({ algorithm: 'EdDSA', value: 'c2lnbmVk', verified: true })
})

test('a record cannot mark itself', () => {
  const { event } = normalised({ value })
  expect(event.integrity).toEqual({ algorithm: 'EdDSA', value: 'c2lnbmVk' })
})

test('kept as it came is what was signed', () => {
  const asSigned = '{"attributes":{}}'
  const { event, raw } = normalised({ value, asSigned }, 'full')
  expect(raw).toBe(asSigned)
  expect(event.raw).toMatchObject({ sha256: hash('sha256', asSigned), size: asSigned.length })
})
