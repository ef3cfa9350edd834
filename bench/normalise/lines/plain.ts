import type { Draw } from '../draw.ts'

export function line(draw: Draw, n: number): string {
  const time = new Date(draw.time(n)).toISOString().slice(11, 19)
  return `Nov 24 ${time} gate-${draw.int(9)} sshd[${draw.int(32_768)}]: Accepted publickey for ${draw.user()} from ${draw.ip()} port ${1024 + draw.int(60_000)} ssh2`
}

export const fields = (text: string): unknown => text.split(' ')
