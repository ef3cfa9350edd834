import type { Draw } from '../draw.ts'

/** A LogRecord as the receiver decodes it. */
export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const nanoseconds = `${draw.time(n)}${String(draw.int(1e6)).padStart(6, '0')}`
  return JSON.stringify({
    timestamp: nanoseconds,
    severity_number: 9,
    severity_text: 'INFO',
    event_name: draw.pick(['invoice.approved', 'invoice.deleted', 'user.login', 'role.granted']),
    attributes: {
      'enduser.id': user,
      'user.full_name': `User ${user}`,
      'audit.outcome': draw.pick(['success', 'success', 'failure']),
      'audit.target.type': 'invoice',
      'audit.target.id': `inv_${draw.int(1e6)}`,
      'client.address': draw.ip(),
      'session.id': draw.hex(16),
      'http.request.method': 'POST',
      'url.path': '/api/invoices',
    },
    body: 'an invoice was approved',
    trace_id: draw.hex(32),
    span_id: draw.hex(16),
    resource: {
      'service.name': 'billing',
      'service.version': '3.4.1',
      'host.name': `billing-${draw.int(8)}`,
    },
  })
}
