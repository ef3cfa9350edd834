import type { Draw } from '../draw.ts'

const actions = [
  'repo.create',
  'git.clone',
  'org.add_member',
  'protected_branch.destroy',
  'team.add_repository',
  'workflows.completed_workflow_run',
] as const

export function line(draw: Draw, n: number): string {
  const actor = draw.user()
  const action = draw.pick(actions)
  return JSON.stringify({
    '@timestamp': draw.time(n),
    _document_id: draw.hex(22),
    action,
    actor,
    actor_id: draw.int(1e7),
    actor_ip: draw.ip(),
    actor_location: { country_code: 'DE' },
    business: 'acme-enterprise',
    created_at: draw.time(n),
    hashed_token: draw.hex(43),
    operation_type: action.endsWith('destroy') ? 'remove' : 'create',
    org: 'acme',
    org_id: 4_711,
    programmatic_access_type: 'OAuth access token',
    repo: `acme/${draw.pick(['billing', 'web', 'infra'])}`,
    repo_id: draw.int(1e6),
    ...(action === 'org.add_member' ? { user: draw.user(), user_id: draw.int(1e7), permission: 'read' } : {}),
    token_id: draw.int(1e9),
    user_agent: 'git/2.51.0',
    visibility: 'private',
  })
}
