import type { Draw } from '../draw.ts'

export function message(draw: Draw, n: number): string {
  return `AUDIT: SESSION,${n % 90},1,READ,SELECT,TABLE,public.orders,"select id, total from orders where id = ${draw.int(99_999)}",<not logged>`
}

export function line(draw: Draw, n: number): string {
  const time = draw.timestamp(n, 3).replace('T', ' ').replace('Z', ' UTC')
  const quoted = message(draw, n).replaceAll('"', '""')
  return `${time},"${draw.user()}","shop",${draw.int(32_768)},"${draw.ip()}:${1024 + draw.int(60_000)}",${draw.hex(8)}.${draw.hex(4)},${n % 90},"SELECT",${time.slice(0, 19)} UTC,3/${draw.int(9_999)},0,LOG,00000,"${quoted}",,,,,,,,,"psql","client backend",,0`
}

/** The columns of csvlog, and those of pgAudit's row in one of them: a quoted column may hold commas and quotes. */
export function fields(text: string): unknown {
  const columns = columnsOf(text)
  return [columns, columnsOf(columns[messageColumn]!)]
}

const messageColumn = 13

function columnsOf(row: string): string[] {
  const columns: string[] = []
  for (let at = 0; at <= row.length; at++) {
    const isQuoted = row[at] === '"'
    let end = isQuoted ? row.indexOf('"', at + 1) : row.indexOf(',', at)
    if (isQuoted) {
      while (row[end + 1] === '"') end = row.indexOf('"', end + 2)
      columns.push(row.slice(at + 1, end++).replaceAll('""', '"'))
    } else {
      if (end < 0) end = row.length
      columns.push(row.slice(at, end))
    }
    at = end
  }
  return columns
}
