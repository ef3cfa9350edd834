/** Git over SSH, pull requests' neighbours, and what administrators change. */
import type { Draw } from '../draw.ts'

const actions = [
  'git.clone',
  'git.fetch',
  'git.push',
  'repo.create',
  'team.add_member',
  'org.update_member',
  'hook.create',
  'protected_branch.policy_override',
] as const

export function line(draw: Draw, n: number): string {
  const action = draw.pick(actions)
  const actor = draw.user()
  const git = action.startsWith('git.')
  return JSON.stringify({
    '@timestamp': draw.time(n),
    _document_id: draw.hex(22),
    action,
    actor,
    actor_id: draw.int(100_000),
    actor_ip: draw.ip(),
    actor_is_bot: false,
    actor_location: { country_code: 'NO' },
    business: 'acme-inc',
    business_id: 12,
    created_at: draw.time(n),
    operation_type: git ? 'access' : 'modify',
    org: 'acme',
    org_id: 34,
    repo: `acme/repo-${draw.int(200)}`,
    repo_id: draw.int(100_000),
    ...(git
      ? { transport_protocol_name: 'ssh', transport_protocol: 2, repository_public: false }
      : { user: draw.user(), user_id: draw.int(100_000) }),
    ...(draw.oneIn(3)
      ? {
          hashed_token: `${draw.hex(42)}=`,
          programmatic_access_type: 'OAuth access token',
          token_id: draw.int(1e9),
        }
      : {}),
    user_agent: draw.pick([
      'git/2.47.0',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36',
    ]),
  })
}
