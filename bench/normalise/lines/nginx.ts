import type { Draw } from '../draw.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

export function line(draw: Draw, n: number): string {
  const [date = '', time = ''] = draw.timestamp(n, 0).slice(0, -1).split('T')
  const [year, month, day] = date.split('-')
  const who = draw.oneIn(3) ? draw.user() : '-'
  const request = `${draw.pick(['GET', 'GET', 'POST', 'DELETE'])} /${draw.pick(['orders', 'invoices', 'static/app'])}/${draw.int(1e5)} HTTP/1.1`
  return `${draw.ip()} - ${who} [${day}/${months[Number(month) - 1]}/${year}:${time} +0000] "${request}" ${draw.pick([200, 200, 304, 403, 404])} ${draw.int(1e5)} "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"`
}

/** By quotes, and what is between them by blanks. */
export const fields = (text: string): unknown =>
  text.split('"').map((part, i) => (i % 2 === 0 ? part.split(' ') : part))
