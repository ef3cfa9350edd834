import type { Draw } from '../draw.ts'

export function message(draw: Draw, n: number): string {
  return `AUDIT: SESSION,${n % 90},1,READ,SELECT,TABLE,public.orders,"select id, total from orders where id = ${draw.int(99_999)}",<not logged>`
}

export function line(draw: Draw, n: number): string {
  const time = draw.timestamp(n, 3).replace('T', ' ').replace('Z', ' UTC')
  const quoted = message(draw, n).replaceAll('"', '""')
  return `${time},"${draw.user()}","shop",${draw.int(32_768)},"${draw.ip()}:${1024 + draw.int(60_000)}",${draw.hex(8)}.${draw.hex(4)},${n % 90},"SELECT",${time.slice(0, 19)} UTC,3/${draw.int(9_999)},0,LOG,00000,"${quoted}",,,,,,,,,"psql","client backend",,0`
}

export const fields = (text: string): unknown => text.split(',')
