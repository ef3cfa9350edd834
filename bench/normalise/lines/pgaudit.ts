import type { Draw } from '../draw.ts'

/** What pgAudit says: `AUDIT: …`, and the command. */
export function entry(draw: Draw): { readonly message: string; readonly command: string } {
  const table = draw.pick(['cards', 'orders', 'invoices'])
  const [kind, command, statement] = draw.pick([
    ['READ', 'SELECT', `select number from ${table} where id = ${draw.int(1e5)}`],
    ['WRITE', 'UPDATE', `update ${table} set paid = true where id = ${draw.int(1e5)}`],
    ['WRITE', 'INSERT', `insert into ${table} values (${draw.int(1e5)})`],
  ])
  return {
    command,
    message: `AUDIT: SESSION,${draw.int(900)},1,${kind},${command},TABLE,public.${table},${statement},<not logged>`,
  }
}

export const serverTime = (draw: Draw, n: number): string =>
  `${draw.timestamp(n, 3).replace('T', ' ').slice(0, 23)} UTC`

export function line(draw: Draw, n: number): string {
  const { message, command } = entry(draw)
  const began = serverTime(draw, n - 1000).replace(/\.\d+/, '')
  return `${serverTime(draw, n)},"${draw.user()}","shop",${draw.int(32_768)},"${draw.ip()}:${1024 + draw.int(60_000)}",${draw.hex(8)}.${draw.hex(4)},${draw.int(900)},"${command}",${began},3/${draw.int(900)},0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0`
}

export const fields = (text: string): unknown => text.split(',')
