// GitHub's audit log, and webhook payloads.
import { describe, expect, test } from 'vitest'
import { completeness, eventOf, sampleEvents, samplesArePresent } from './trial.ts'

const github = eventOf('github')

/** An app, with the token of a user, makes somebody a member of a team. */
const added = {
  '@timestamp': 1_795_000_000_123,
  _document_id: 'kJ3x9',
  action: 'team.add_member',
  operation_type: 'modify',
  actor: 'octocat',
  actor_id: 583_231,
  actor_ip: '203.0.113.9',
  actor_location: { country_code: 'NO' },
  external_identity_nameid: 'octo@example.com',
  business: 'acme-inc',
  business_id: 12,
  org: 'acme',
  org_id: 34,
  team: 'acme/admins',
  user: 'hubot',
  user_id: 56,
  programmatic_access_type: 'OAuth access token',
  oauth_application_id: 78,
  hashed_token: 'qF+AbC=',
  token_id: 90,
  token_scopes: 'admin:org,repo',
  user_agent: 'sync/1.0',
  request_id: 'AB:CD',
  created_at: 1_795_000_000_456,
  repo_visibility: 'private',
}

test('who, through which application, with which token, to whom', () => {
  expect(github(added)).toMatchObject({
    source_event_id: 'kJ3x9',
    time: '2026-11-18T11:06:40.123000000Z',
    time_source: 'event',
    action: 'team.add_member',
    operation: 'grant',
    category: 'iam',
    actor: {
      id: 'octocat',
      type: 'user',
      alt_ids: ['583231', 'octo@example.com'],
      email: 'octo@example.com',
    },
    delegation: [{ id: '78', name: 'OAuth application', type: 'service', mechanism: 'on_behalf_of' }],
    credential: { id: 'qF+AbC=', type: 'OAuth access token', scopes: ['admin:org', 'repo'] },
    outcome: { result: 'success' },
    targets: [
      { type: 'user', id: 'hubot', attributes: { id: 56 } },
      { type: 'team', id: 'acme/admins' },
    ],
    scope: [
      { type: 'business', id: 'acme-inc' },
      { type: 'organization', id: 'acme' },
    ],
    source: { ip: '203.0.113.9', user_agent: 'sync/1.0', geo: { country: 'NO' } },
    request: { id: 'AB:CD' },
    unmapped: { repo_visibility: 'private' },
  })
})

test.each([
  ['git.push', {}, 'update', 'data', 'success'],
  ['git.clone', {}, 'read', 'data', 'success'],
  ['user.failed_login', {}, 'login', 'authentication', 'failure'],
  ['protected_branch.rejected_ref_update', {}, 'other', 'configuration', 'denied'],
  ['org.two_factor_challenge_failure', {}, 'other', 'configuration', 'failure'],
  ['secret_scanning_push_protection.push_blocked', {}, 'other', 'configuration', 'denied'],
  ['personal_access_token.request_denied', {}, 'deny', 'iam', 'success'],
  ['api.request', { status_code: 403 }, 'read', 'data', 'denied'],
  ['repo.destroy', { operation_type: 'remove' }, 'delete', 'configuration', 'success'],
  ['org.remove_member', { operation_type: 'remove' }, 'revoke', 'iam', 'success'],
  ['codespaces.create', { operation_type: 'create' }, 'create', 'process', 'success'],
])('%s', (action, more, operation, category, result) => {
  const event = github({ actor: 'octocat', action, ...more })
  expect(event).toMatchObject({ action, operation, category, outcome: { result } })
})

test.each([
  [{ actor: 'renovate[bot]' }, 'service'],
  [{ actor: 'octocat', actor_is_bot: true }, 'service'],
  [{ actor: 'copilot', actor_is_agent: true }, 'agent'],
  [{ actor: 'octocat', actor_is_bot: false }, 'user'],
  [{}, 'unknown'],
])('%j is a %s', (who, type) => {
  expect(github({ action: 'repo.create', ...who })).toMatchObject({ actor: { type } })
})

test('an app between servers acts for itself', () => {
  const event = github({
    action: 'repo.create',
    actor: 'sync[bot]',
    programmatic_access_type: 'GitHub App server-to-server token',
  })
  expect(event).toMatchObject({ actor: { id: 'sync[bot]', type: 'service' } })
  expect(event).not.toHaveProperty('delegation')
})

test('events of an enterprise name several organisations and repositories', () => {
  const event = github({
    action: 'role.create',
    actor: 'a',
    business: 'b',
    org: ['x', 'y'],
    repo: ['x/r'],
  })
  expect(event).toMatchObject({
    scope: [
      { type: 'business', id: 'b' },
      { type: 'organization', id: 'x' },
      { type: 'organization', id: 'y' },
      { type: 'repository', id: 'x/r' },
    ],
    targets: [{ type: 'repository', id: 'x/r' }],
  })
})

test('what was changed', () => {
  const event = github({
    action: 'repo.access',
    actor: 'a',
    repo: 'x/r',
    visibility: 'public',
    previous_visibility: 'private',
  })
  expect(event).toMatchObject({ changes: [{ path: 'visibility', old: 'private', new: 'public' }] })
})

test('a payload of a webhook', () => {
  const event = github({
    action: 'opened',
    pull_request: { number: 7, title: 'Fix' },
    repository: { full_name: 'acme/app', id: 1 },
    organization: { login: 'acme' },
    sender: { login: 'octocat', id: 583_231, type: 'User' },
  })
  expect(event).toMatchObject({
    action: 'pull_request.opened',
    operation: 'create',
    actor: { id: 'octocat', alt_ids: ['583231'], type: 'user' },
    targets: [
      { type: 'pull_request', id: '7', name: 'Fix' },
      { type: 'repository', id: 'acme/app' },
    ],
    scope: [
      { type: 'organization', id: 'acme' },
      { type: 'repository', id: 'acme/app' },
    ],
    outcome: { result: 'success' },
  })
})

describe.skipIf(!samplesArePresent)('real records', () => {
  const isPayload = (record: Readonly<Record<string, unknown>>) =>
    typeof record.repository === 'object' || 'workflow_job' in record || 'workflow_run' in record

  test('whatever an event lacks, GitHub did not say', () => {
    const sampled = sampleEvents('github', 'github/events.jsonl')
    expect(sampled.length).toBe(83)
    const says = {
      'actor.id': (record: Readonly<Record<string, unknown>>) => record.actor ?? record.sender,
      targets: () => 'always',
    }
    completeness(sampled, says)
    // The payloads of this file have lost their `sender`; nobody else is known to have sent them.
    const log = sampled.filter(({ record }) => 'action' in record && !isPayload(record))
    expect(completeness(log, says)).toBeGreaterThanOrEqual(0.95)
  })
})
