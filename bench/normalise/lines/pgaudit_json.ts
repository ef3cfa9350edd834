import type { Draw } from '../draw.ts'
import { entry, serverTime } from './pgaudit.ts'

export function line(draw: Draw, n: number): string {
  const { message, command } = entry(draw)
  return JSON.stringify({
    timestamp: serverTime(draw, n),
    user: draw.user(),
    dbname: 'shop',
    pid: draw.int(32_768),
    remote_host: draw.ip(),
    remote_port: 1024 + draw.int(60_000),
    session_id: `${draw.hex(8)}.${draw.hex(4)}`,
    line_num: draw.int(900),
    ps: command,
    session_start: serverTime(draw, n - 1000).replace(/\.\d+/, ''),
    vxid: `3/${draw.int(900)}`,
    txid: 0,
    error_severity: 'LOG',
    message,
    application_name: 'psql',
    backend_type: 'client backend',
    query_id: 0,
  })
}
