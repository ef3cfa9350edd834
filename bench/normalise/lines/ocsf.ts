import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const activity = draw.pick([1, 2, 3, 4])
  return JSON.stringify({
    activity_id: activity,
    activity_name: ['', 'Create', 'Read', 'Update', 'Delete'][activity],
    category_uid: 6,
    category_name: 'Application Activity',
    class_uid: 6003,
    class_name: 'API Activity',
    type_uid: 600_300 + activity,
    time: draw.time(n),
    severity_id: 1,
    severity: 'Informational',
    status_id: draw.pick([1, 1, 1, 2]),
    actor: {
      user: { uid: draw.hex(8), name: user, email_addr: `${user}@example.com`, type_id: 1, type: 'User' },
      session: { uid: draw.hex(16) },
    },
    api: {
      operation: draw.pick(['CreateInvoice', 'GetInvoice', 'UpdateInvoice']),
      service: { name: 'billing' },
      request: { uid: draw.uuid() },
    },
    src_endpoint: { ip: draw.ip(), port: 1024 + draw.int(60_000) },
    http_request: { user_agent: 'curl/8.5.0', http_method: 'POST', url: { path: '/invoices' } },
    resources: [{ uid: `inv_${draw.int(1e6)}`, type: 'invoice', name: `invoice ${draw.int(1e6)}` }],
    metadata: {
      version: '1.8.0',
      uid: draw.uuid(),
      product: { name: 'billing', vendor_name: 'Acme', version: '3.4' },
    },
    cloud: { provider: 'none', region: 'eu-central-1' },
  })
}
