// Fields whose names are said in another way: behind dots, and in the path of an operation of a JSON Patch.
import { describe, expect, test } from 'vitest'
import { createKeyedHash } from '../../../src/attribution/keyed-hash.ts'
import type { RedactRule } from '../../../src/attribution/redact/rule.ts'
import type { NormaliserSpec } from '../../../src/normalise/contract.ts'
import { compileNormaliser } from '../../../src/normalise/normaliser.ts'
import { eventsOf, lines, spec, testKeys } from '../../normalise/normalising.ts'

const hash = createKeyedHash(testKeys)
const methods = ['drop', 'mask', 'hash'] as const

function normalised(how: object, records: readonly object[], more: Partial<NormaliserSpec>) {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const batch = lines(compileNormaliser(spec(how, { raw: 'full', ...more })), text)
  const kept = Buffer.from(batch.raw).toString()
  return { events: eventsOf(batch), kept, written: Buffer.from(batch.payload).toString() + kept }
}

/** The short way, learnt and taken, writes what the general one does; returns how many lines took it. */
function served(how: object, records: readonly object[], redact: readonly RedactRule[]): number {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const short = compileNormaliser(spec(how, { redact }))
  const general = compileNormaliser(spec(how, { redact }), { stencils: false })
  for (let round = 0; round < 3; round++) {
    expect(Buffer.from(lines(short, text).payload).equals(lines(general, text).payload)).toBe(true)
  }
  expect(Buffer.from(lines(short, text).payload).toString()).not.toMatch(/hunter/)
  return short.served
}

describe('behind dots', () => {
  const record = {
    user: 'u',
    'user.password': 'hunter1',
    'http.request.header.Authorization': ['Bearer hunter2'],
    'password.hint': 'stays',
    deep: [{ 'db.PASSWORD': { a: 'hunter3' } }],
  }

  test.each(methods)('%s', (method) => {
    const redact = [{ key: ['password', 'authorization'], method }]
    const { events, written } = normalised({ preset: 'json' }, [record], { redact })
    expect(written).not.toContain('hunter')
    expect(written).toContain('stays')
    expect(events[0]!.redactions).toHaveLength(3)
  })

  test('on the short way too', () => {
    const records = Array.from({ length: 100 }, (_, n) => ({ ...record, user: `u${n}` }))
    expect(
      served({ preset: 'json' }, records, [{ key: ['password', 'authorization'], method: 'mask' }]),
    ).toBeGreaterThan(100)
  })

  test('the whole name of such a field is no other one', () => {
    const redact: RedactRule[] = [{ key: ['user.password'], method: 'mask' }]
    const { events } = normalised({ preset: 'json' }, [{ 'user.password': 'a', password: 'b' }], { redact })
    expect(events[0]).toMatchObject({ unmapped: { 'user.password': '***', password: 'b' } })
  })
})

describe('in the path of a JSON Patch', () => {
  const audit = (n: number, requestObject: unknown) => ({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/a/secrets/db',
    verb: 'patch',
    user: { username: 'eve' },
    objectRef: { resource: 'secrets', namespace: 'a', name: 'db', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2026-11-23T06:58:33.000000Z',
    stageTimestamp: '2026-11-23T06:58:33.000000Z',
    requestObject,
  })
  const patch = [
    { op: 'replace', path: '/data/p', value: 'hunter1' },
    { op: 'add', path: '/data', value: { q: 'hunter2', 'data~x': ['hunter3'] } },
    { op: 'add', path: '/metadata/labels/app', value: 'shop' },
    { op: 'remove', path: '/data/old' },
  ]

  test('Secrets of Kubernetes', () => {
    const { events, kept, written } = normalised({ preset: 'kubernetes' }, [audit(1, patch)], {})
    expect(written).not.toContain('hunter')
    const requestObject = [
      { value: hash('hunter1') },
      { value: { q: hash('hunter2'), 'data~x': [hash('hunter3')] } },
      { value: 'shop' },
      { op: 'remove', path: '/data/old' },
    ]
    expect(events[0]).toMatchObject({ unmapped: { requestObject } })
    expect(JSON.parse(kept)).toMatchObject({ requestObject })
    expect(events[0]!.redactions).toContainEqual({
      method: 'hash',
      path: 'record.requestObject[0].value',
      rule: 'secret:data',
    })
  })

  test('other patches keep the short way, and these are left to the general one', () => {
    const label = (n: number) => [{ op: 'add', path: `/metadata/labels/l${n}`, value: `v${n}` }]
    const clean = Array.from({ length: 100 }, (_, n) => audit(n, label(n)))
    const secret = audit(999, [{ op: 'add', path: '/data/p', value: 'hunter1' }])
    expect(served({ preset: 'kubernetes' }, [...clean, secret, ...clean], [])).toBeGreaterThan(300)
  })

  test.each(methods)("rules of one's own: %s", (method) => {
    const redact = [{ key: ['password'], method }]
    const records = [
      { user: 'u', patch: [{ op: 'replace', path: '/spec/a~1b/Password', value: 'hunter1' }] },
      { user: 'u', patch: { op: 'test', path: '/db.password/0', value: { a: 'hunter2' } } },
      { user: 'u', patch: { op: 'read', path: '/password', value: 'stays' } },
    ]
    const { events, written } = normalised({ preset: 'json' }, records, { redact })
    expect(written).not.toContain('hunter')
    expect(events[2]).toMatchObject({ unmapped: { patch: { value: 'stays' } } })
    const many = Array.from({ length: 100 }, (_, n) => ({ ...records[0], user: `u${n}` }))
    served({ preset: 'json' }, many, redact)
  })
})
