import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  return JSON.stringify({
    time_iso8601: draw.timestamp(n, 0).replace('Z', '+00:00'),
    remote_addr: draw.ip(),
    remote_user: draw.oneIn(3) ? draw.user() : '',
    request: `${draw.pick(['GET', 'POST'])} /${draw.pick(['orders', 'invoices'])}/${draw.int(1e5)} HTTP/2.0`,
    status: draw.pick([200, 200, 403, 404]),
    body_bytes_sent: draw.int(1e5),
    http_referer: 'https://shop.example/',
    http_user_agent: 'curl/8.5.0',
    host: 'shop.example',
    request_id: draw.hex(32),
    request_time: draw.int(900) / 1000,
  })
}
