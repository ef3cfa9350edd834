import type { Draw } from '../draw.ts'

const agents = ['curl/8.0', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0']

export function line(draw: Draw, n: number): string {
  const time = new Date(draw.time(n)).toISOString().slice(11, 19)
  const user = draw.oneIn(3) ? draw.user() : '-'
  return `${draw.ip()} - ${user} [24/Nov/2025:${time} +0000] "${draw.pick(['GET', 'POST'])} /orders/${draw.int(99_999)}?page=${draw.int(9)} HTTP/1.1" ${draw.pick([200, 200, 304, 403, 404])} ${draw.int(9_999)} "https://shop.example/" "${draw.pick(agents)}"`
}

export const fields = (text: string): unknown => text.split(/[ "]/)
