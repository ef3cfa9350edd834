import type { Draw } from '../draw.ts'

const mounts = [
  {
    mount_type: 'kv',
    mount_class: 'secret',
    prefix: 'secret/data/',
    operations: ['read', 'create', 'update'],
  },
  { mount_type: 'transit', mount_class: 'secret', prefix: 'transit/encrypt/', operations: ['update'] },
  {
    mount_type: 'system',
    mount_class: 'secret',
    prefix: 'sys/policies/acl/',
    operations: ['read', 'update'],
  },
  {
    mount_type: 'approle',
    mount_class: 'auth',
    prefix: 'auth/approle/role/',
    operations: ['read', 'update'],
  },
] as const

const names = ['payments', 'orders', 'mail', 'search', 'reports', 'billing', 'gateway', 'jobs'] as const

/** A request, then its answer. Services read the same few secrets again and again. */
export function line(draw: Draw, n: number): string {
  const mount = draw.pick(mounts)
  const name = draw.user()
  const answer = n % 2 === 1
  const denied = answer && draw.oneIn(15)
  return JSON.stringify({
    time: draw.timestamp(n, 9),
    type: answer ? 'response' : 'request',
    auth: {
      accessor: `hmac-sha256:${draw.hex(64)}`,
      client_token: `hmac-sha256:${draw.hex(64)}`,
      display_name: `userpass-${name}`,
      entity_id: draw.uuid(),
      metadata: { username: name },
      policies: ['default', 'payments'],
      policy_results: {
        allowed: !denied,
        granting_policies: [{ type: 'acl', name: 'payments', namespace_id: 'root' }],
      },
      token_policies: ['default', 'payments'],
      token_issue_time: draw.timestamp(0, 0),
      token_ttl: 2_764_800,
      token_type: 'service',
    },
    request: {
      id: draw.uuid(),
      client_id: draw.uuid(),
      client_token: `hmac-sha256:${draw.hex(64)}`,
      client_token_accessor: `hmac-sha256:${draw.hex(64)}`,
      operation: draw.pick(mount.operations),
      mount_type: mount.mount_type,
      mount_class: mount.mount_class,
      mount_point: mount.prefix.slice(0, mount.prefix.indexOf('/') + 1),
      mount_accessor: `${mount.mount_type}_${draw.hex(8)}`,
      mount_running_version: 'v1.20.1+builtin.vault',
      namespace: { id: 'root' },
      path: `${mount.prefix}${draw.pick(names)}`,
      remote_address: draw.ip(),
      remote_port: 1024 + draw.int(60_000),
    },
    ...(answer && {
      response: { mount_type: mount.mount_type, data: { key: `hmac-sha256:${draw.hex(64)}` } },
    }),
    ...(denied && { error: '1 error occurred:\n\t* permission denied\n\n' }),
  })
}
