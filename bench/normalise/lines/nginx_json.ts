import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  return JSON.stringify({
    time_iso8601: draw.timestamp(n, 0),
    remote_addr: draw.ip(),
    remote_user: draw.oneIn(3) ? draw.user() : '',
    request: `${draw.pick(['GET', 'POST'])} /orders/${draw.int(99_999)} HTTP/1.1`,
    status: draw.pick([200, 200, 304, 403, 404]),
    body_bytes_sent: draw.int(9_999),
    http_referer: 'https://shop.example/',
    http_user_agent: 'curl/8.0',
    host: 'shop.example',
    request_id: draw.hex(32),
  })
}
