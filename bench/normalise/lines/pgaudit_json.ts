import type { Draw } from '../draw.ts'
import { message } from './pgaudit.ts'

export function line(draw: Draw, n: number): string {
  return JSON.stringify({
    timestamp: draw.timestamp(n, 3).replace('T', ' ').replace('Z', ' UTC'),
    user: draw.user(),
    dbname: 'shop',
    pid: draw.int(32_768),
    remote_host: draw.ip(),
    remote_port: 1024 + draw.int(60_000),
    session_id: `${draw.hex(8)}.${draw.hex(4)}`,
    line_num: n % 90,
    ps: 'SELECT',
    vxid: `3/${draw.int(9_999)}`,
    txid: 0,
    error_severity: 'LOG',
    message: message(draw, n),
    application_name: 'psql',
    backend_type: 'client backend',
    query_id: 0,
  })
}
