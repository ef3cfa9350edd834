import type { Draw } from '../draw.ts'
import { message } from './pgaudit.ts'

export function line(draw: Draw, n: number): string {
  const time = draw.timestamp(n, 3).replace('T', ' ').replace('Z', ' UTC')
  return `${time} [${draw.int(32_768)}] ${draw.user()}@shop LOG:  ${message(draw, n)}`
}

export const fields = (text: string): unknown => text.split(/[ ,]/)
