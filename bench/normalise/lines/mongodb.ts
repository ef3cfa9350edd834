import type { Draw } from '../draw.ts'

const commands = ['find', 'insert', 'update', 'delete', 'aggregate', 'getMore'] as const

/** An audit message of a cluster that audits authorisations, and now and then a login. */
export function line(draw: Draw, n: number): string {
  const user = draw.user()
  const time = draw.timestamp(n, 3).replace('Z', '+00:00')
  const login = draw.oneIn(10)
  const failed = draw.oneIn(20)
  const command = draw.pick(commands)
  const collection = draw.pick(['orders', 'invoices', 'customers', 'sessions'])
  return JSON.stringify({
    atype: login ? 'authenticate' : 'authCheck',
    ts: { $date: time },
    uuid: { $binary: `${draw.hex(22)}==`, $type: '04' },
    local: { ip: '10.0.1.50', port: 27_017 },
    remote: { ip: draw.ip(), port: 1024 + draw.int(60_000) },
    users: login && failed ? [] : [{ user, db: 'admin' }],
    roles: login && failed ? [] : [{ role: 'readWrite', db: 'shop' }],
    param: login
      ? { user, db: 'admin', mechanism: 'SCRAM-SHA-256' }
      : {
          command,
          ns: `shop.${collection}`,
          args: { [command]: collection, filter: { _id: draw.hex(24) }, $db: 'shop' },
        },
    result: failed ? (login ? 18 : 13) : 0,
  })
}
