import type { Draw } from '../draw.ts'
import { entry, serverTime } from './pgaudit.ts'

export const line = (draw: Draw, n: number): string =>
  `${serverTime(draw, n)} [${draw.int(32_768)}] ${draw.user()}@shop LOG:  ${entry(draw).message}`

export const fields = (text: string): unknown => text.split(' ').map((part) => part.split(','))
