import type { Draw } from '../draw.ts'

const nouns = ['invoice', 'order', 'customer', 'report', 'role', 'payment'] as const
const verbs = ['create', 'read', 'update', 'delete', 'approve', 'export', 'login', 'grant'] as const

export function line(draw: Draw, n: number): string {
  const noun = draw.pick(nouns)
  const user = draw.user()
  return JSON.stringify({
    ts: draw.timestamp(n, 3),
    level: 'info',
    event: `${noun}.${draw.pick(verbs)}`,
    user: {
      id: user,
      name: `User ${user}`,
      email: `${user}@example.com`,
      roles: ['clerk', draw.pick(nouns)],
    },
    resource: { type: noun, id: `${noun}_${draw.int(1e6)}`, name: `${noun} of the ${1 + draw.int(28)}th` },
    result: draw.pick(['success', 'success', 'success', 'denied', 'failure']),
    ip: draw.ip(),
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    request_id: `req_${draw.hex(12)}`,
    session_id: `sess_${draw.hex(8)}`,
    org: 'acme',
    service: 'billing',
    duration_ms: draw.int(900),
  })
}
