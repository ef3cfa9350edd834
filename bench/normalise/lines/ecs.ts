import type { Draw } from '../draw.ts'

const kinds = [
  { category: 'iam', type: 'change', action: 'modified-user-account' },
  { category: 'authentication', type: 'start', action: 'ssh_login' },
  { category: 'file', type: 'access', action: 'opened-file' },
  { category: 'configuration', type: 'change', action: 'updated-setting' },
] as const

export function line(draw: Draw, n: number): string {
  const { category, type, action } = draw.pick(kinds)
  const name = draw.user()
  return JSON.stringify({
    '@timestamp': draw.timestamp(n, 3),
    ecs: { version: '8.17.0' },
    event: {
      id: draw.hex(20),
      kind: 'event',
      category: [category],
      type: [type],
      action,
      outcome: draw.oneIn(12) ? 'failure' : 'success',
      dataset: 'app.audit',
    },
    user: {
      id: draw.hex(8),
      name,
      roles: ['admin'],
      ...(category === 'iam' && { target: { id: draw.hex(8), name: draw.user() } }),
    },
    ...(category === 'file' && { file: { path: `/srv/${draw.hex(8)}` } }),
    source: { ip: draw.ip(), port: 1024 + draw.int(60_000), geo: { country_iso_code: 'DE' } },
    user_agent: { original: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' },
    host: { name: `host-${draw.int(40)}` },
    service: { name: 'shop' },
    related: { user: [name] },
  })
}
