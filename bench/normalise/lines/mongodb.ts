import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const atype = draw.pick(['authenticate', 'authCheck', 'createCollection', 'dropCollection'])
  const ns = `billing.${draw.pick(['invoices', 'customers', 'orders'])}`
  const param =
    atype === 'authenticate'
      ? { user, db: 'admin', mechanism: 'SCRAM-SHA-256' }
      : atype === 'authCheck'
        ? {
            command: 'find',
            ns,
            args: { find: ns.slice(8), filter: { customer: draw.int(1e6) }, $db: 'billing' },
          }
        : { ns }
  return JSON.stringify({
    atype,
    ts: { $date: draw.timestamp(n, 3) },
    uuid: { $binary: draw.hex(24), $type: '04' },
    local: { ip: '10.0.0.5', port: 27_017 },
    remote: { ip: draw.ip(), port: 1024 + draw.int(60_000) },
    users: [{ user, db: 'admin' }],
    roles: [{ role: 'readWrite', db: 'billing' }],
    param,
    result: draw.pick([0, 0, 0, 0, 13]),
  })
}
