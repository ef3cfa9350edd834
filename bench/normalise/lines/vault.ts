import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const operation = draw.pick(['read', 'update', 'list', 'delete'])
  return JSON.stringify({
    time: draw.timestamp(n, 9),
    type: draw.pick(['request', 'response']),
    auth: {
      client_token: `hmac-sha256:${draw.hex(64)}`,
      accessor: `hmac-sha256:${draw.hex(64)}`,
      display_name: `oidc-${user}`,
      policies: ['default', 'billing'],
      token_policies: ['default', 'billing'],
      metadata: { role: 'billing' },
      entity_id: draw.uuid(),
      token_type: 'service',
      token_ttl: 3600,
      token_issue_time: draw.timestamp(n - 900, 0),
    },
    request: {
      id: draw.uuid(),
      client_id: draw.uuid(),
      operation,
      mount_point: 'secret/',
      mount_type: 'kv',
      client_token: `hmac-sha256:${draw.hex(64)}`,
      client_token_accessor: `hmac-sha256:${draw.hex(64)}`,
      namespace: { id: 'root' },
      path: `secret/data/billing/${draw.pick(['database', 'smtp', 'stripe'])}`,
      remote_address: draw.ip(),
      remote_port: 1024 + draw.int(60_000),
    },
  })
}
