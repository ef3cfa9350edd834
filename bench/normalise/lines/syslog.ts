import type { Draw } from '../draw.ts'

const programs = ['sshd', 'sudo', 'cron', 'orders']

export function line(draw: Draw, n: number): string {
  const time = new Date(draw.time(n)).toISOString()
  const user = draw.user()
  return `<${draw.pick([38, 86, 134])}>1 ${time} web-${draw.int(9)} ${draw.pick(programs)} ${draw.int(30_000)} LOGIN [origin ip="${draw.ip()}"][audit@32473 user="${user}" session="${draw.int(9_999)}"] session opened for user ${user} by (uid=${draw.int(2_000)})`
}

/** Header, parameters of structured data, message. */
export const fields = (text: string): unknown => [
  /^<(\d+)>(\d+) (\S+) (\S+) (\S+) (\S+) (\S+) /.exec(text),
  ...text.matchAll(/ ([^ =]+)="([^"]*)"/g),
  text.slice(text.lastIndexOf('] ') + 2),
]

export const slower = 'its values are not found in bytes yet, but in the decoded message'
