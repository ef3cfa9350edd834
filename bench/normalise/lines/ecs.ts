import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const user = draw.user()
  return JSON.stringify({
    '@timestamp': draw.timestamp(n, 3),
    ecs: { version: '9.2.0' },
    event: {
      id: draw.uuid(),
      kind: 'event',
      category: ['iam'],
      type: ['change'],
      action: draw.pick(['user-created', 'group-changed', 'role-assigned']),
      outcome: draw.pick(['success', 'success', 'failure']),
      provider: 'directory',
    },
    user: {
      id: draw.hex(8),
      name: user,
      email: `${user}@example.com`,
      target: { id: draw.hex(8), name: draw.user() },
    },
    source: { ip: draw.ip(), port: 1024 + draw.int(60_000) },
    host: { name: `dc-${draw.int(9)}` },
    organization: { id: 'acme', name: 'Acme' },
    service: { name: 'directory', version: '4.2' },
    message: 'a group was changed',
    user_agent: { original: 'curl/8.5.0' },
  })
}
