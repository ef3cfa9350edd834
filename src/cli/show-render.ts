/** A traced event as two columns: what the record said, and what became of it. */
import type { EventTrace } from '../agent/trace-event.ts'
import { figure } from '../figure.ts'

const widest = 48

export function renderTrace({
  event,
  raw,
  mapped,
  rest,
  committedAfter,
  delivered,
  pending,
}: EventTrace): string {
  const head = raw ? `raw line (byte ${figure(raw.offset)})` : 'record'
  const left = mapped.map(({ source, value }) => clip(`${source}: ${shown(value)}`))
  const width = Math.max(head.length, 24, ...left.map((text) => text.length))
  const rows = mapped.map(
    ({ target, result }, at) => `${left[at]!.padEnd(width)}  →   ${target}: ${clip(shown(result))}`,
  )
  const unmapped = rest.map((path) => `${''.padEnd(width)}      ${path}`)

  const where =
    delivered.length === 0
      ? 'not delivered yet'
      : `delivered: ${delivered.map(({ sink }) => sink).join(', ')}`
  const after = delivered.at(-1)?.after
  const status = [
    `id ${event.id}`,
    `committed +${figure(committedAfter)} ms`,
    after === undefined ? where : `${where} +${figure(after)} ms`,
    ...(pending.length > 0 && delivered.length > 0 ? [`waiting: ${pending.join(', ')}`] : []),
  ]
  return `${[`${head.padEnd(width)}      event`, ...rows, ...unmapped, status.join('  ')].join('\n')}\n`
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

const clip = (text: string): string => (text.length <= widest ? text : `${text.slice(0, widest - 1)}…`)
