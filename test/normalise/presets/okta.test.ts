// Okta's System Log, as its API gives it.
import { describe, expect, test } from 'vitest'
import { completeness, eventOf, sampleEvents, samplesArePresent } from './trial.ts'

const okta = eventOf('okta')

/** A System Log event: an administrator, with an API token, takes a user out of a group. */
const removed = {
  uuid: '3f5d2c1e-7b1a-11f0-9d54-0a1b2c3d4e5f',
  published: '2026-11-23T11:00:00.123Z',
  eventType: 'group.user_membership.remove',
  version: '0',
  severity: 'INFO',
  displayMessage: 'Remove user from group membership',
  actor: { id: '00u1', type: 'User', alternateId: 'ann@example.com', displayName: 'Ann Admin' },
  client: {
    id: '0oa7',
    ipAddress: '198.51.100.7',
    userAgent: { rawUserAgent: 'okta-cli/1.0', os: 'Linux', browser: 'UNKNOWN' },
    geographicalContext: {
      city: 'Oslo',
      state: 'Oslo',
      country: 'Norway',
      postalCode: '0150',
      geolocation: { lat: 59.91, lon: 10.75 },
    },
  },
  request: { ipChain: [{ ip: '198.51.100.7', version: 'V4' }, { ip: '203.0.113.9' }] },
  outcome: { result: 'SUCCESS' },
  target: [
    { id: '00u2', type: 'User', alternateId: 'bob@example.com', displayName: 'Bob' },
    { id: '00g3', type: 'UserGroup', displayName: 'Admins', changeDetails: { from: { n: 2 }, to: { n: 1 } } },
  ],
  transaction: { id: 'tx1', type: 'WEB', detail: { requestApiTokenId: '00T4' } },
  authenticationContext: { externalSessionId: 'trs5', rootSessionId: 'idx6', authenticationStep: 0 },
  securityContext: { asNumber: 64500, isProxy: false },
  debugContext: { debugData: { requestId: 'rq7', requestUri: '/api/v1/groups/00g3/users/00u2' } },
}

test('who, through what, with which credential, on what', () => {
  const event = okta(removed)
  expect(event).toMatchObject({
    source_event_id: removed.uuid,
    time: '2026-11-23T11:00:00.123000000Z',
    action: 'group.user_membership.remove',
    operation: 'revoke',
    category: 'iam',
    severity: 9,
    actor: { id: '00u1', type: 'user', name: 'Ann Admin', email: 'ann@example.com' },
    delegation: [{ type: 'service', id: '0oa7', mechanism: 'on_behalf_of' }],
    credential: { id: '00T4', type: 'api_token' },
    session: { id: 'trs5', root_id: 'idx6' },
    outcome: { result: 'success', code: 'SUCCESS' },
    targets: [
      { id: '00u2', type: 'User', name: 'Bob', attributes: { alternate_id: 'bob@example.com' } },
      { id: '00g3', type: 'UserGroup', name: 'Admins' },
    ],
    changes: [{ target: '00g3', old: { n: 2 }, new: { n: 1 } }],
    source: {
      ip: '198.51.100.7',
      ip_chain: ['198.51.100.7', '203.0.113.9'],
      application: '0oa7',
      asn: 64500,
      user_agent: 'okta-cli/1.0',
      geo: { city: 'Oslo', country: 'Norway', postal_code: '0150', latitude: 59.91, longitude: 10.75 },
    },
    request: { id: 'rq7', path: '/api/v1/groups/00g3/users/00u2', correlation_id: 'tx1' },
    unmapped: { securityContext: { isProxy: false }, client: { userAgent: { os: 'Linux' } } },
  })
})

test.each([
  ['ALLOW', 'success'],
  ['FAILURE', 'failure'],
  ['DENY', 'denied'],
  ['CHALLENGE', 'unknown'],
  ['SKIPPED', 'unknown'],
])('outcome %s, whose native word is kept', (result, expected) => {
  const event = okta({ ...removed, outcome: { result, reason: 'why' } })
  expect(event).toMatchObject({ outcome: { result: expected, code: result, reason: 'why' } })
})

test('an application that acts for itself is the actor, and no hop behind itself', () => {
  const app = { id: '0oa7', type: 'PublicClientApp', alternateId: 'unknown', displayName: 'Sync' }
  const event = okta({ ...removed, actor: app })
  expect(event).toMatchObject({ actor: { id: '0oa7', type: 'service', name: 'Sync' } })
  expect(event).not.toHaveProperty('delegation')
})

test('a sign-in by somebody whom Okta does not know: the name that was typed', () => {
  const event = okta({
    ...removed,
    eventType: 'user.session.start',
    actor: { id: 'unknown', type: 'User', alternateId: 'root@example.com', displayName: 'unknown' },
    outcome: { result: 'FAILURE', reason: 'VERIFICATION_ERROR' },
  })
  expect(event).toMatchObject({
    operation: 'login',
    category: 'authentication',
    actor: { id: 'root@example.com', email: 'root@example.com' },
    outcome: { result: 'failure' },
  })
})

test('names in small letters, as some exporters write them', () => {
  const { eventType, displayMessage, authenticationContext, securityContext, debugContext, ...rest } = removed
  const small = {
    ...rest,
    eventtype: eventType,
    displaymessage: displayMessage,
    authenticationcontext: authenticationContext,
    securitycontext: securityContext,
    debugcontext: debugContext,
  }
  const { unmapped: _, ...expected } = okta(removed)
  const { id: _id, provenance: _p, ...event } = expected
  expect(okta(small)).toMatchObject({ ...event, provenance: {} })
})

describe.skipIf(!samplesArePresent)('real records', () => {
  test('whatever an event lacks, Okta did not say', () => {
    // The others of this file are results of somebody's queries, not Okta's events.
    const events = sampleEvents('okta', 'okta/events.jsonl').filter(
      ({ record }) => 'eventType' in record || 'eventtype' in record,
    )
    expect(events.length).toBe(32)
    const share = completeness(events, {
      'actor.id': ({ actor }) => actor,
      action: () => 'always',
      targets: ({ target }) => (Array.isArray(target) ? target[0] : target),
      'outcome.result': ({ outcome }) =>
        (outcome as { result?: string } | undefined)?.result === 'CHALLENGE' ? undefined : outcome,
    })
    // Twelve are cut down to what a test needed, or are challenges that nobody has answered yet.
    expect(share).toBeGreaterThanOrEqual(20 / 32)
  })
})
