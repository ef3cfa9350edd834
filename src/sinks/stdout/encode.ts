/** Events for people: one line each, and a second one when there is something to say. */
import type picocolors from 'picocolors'
import type { OutputEvent } from '../../event/audit-event.ts'
import type { DeliveryBatch } from '../sink.ts'

type Colors = ReturnType<typeof picocolors.createColors>

/** A larger batch is a backlog, and gets one line. */
const SHOWN = 10
/** How the agent's own events begin. */
const OWN = Buffer.from('{"action":"affiant.')

/** The text for a batch, '' when none of it is for people: the agent's own events are not shown. */
export function pretty(batch: DeliveryBatch, colors: Colors): string {
  const lines = foreignLines(batch)
  const [first] = lines
  const last = lines.at(-1)
  if (first === undefined || last === undefined) return ''
  if (lines.length > SHOWN) {
    const range = `seq ${first.seq}–${last.seq}`
    return `${colors.dim(`${lines.length} events, ${range} (not shown one by one)`)}\n`
  }
  return lines.map(({ bytes }) => prettyEvent(parseEvent(bytes), colors)).join('')
}

function foreignLines({ lines, lengths, seqs }: DeliveryBatch): { seq: number; bytes: Buffer }[] {
  const found: { seq: number; bytes: Buffer }[] = []
  let at = 0
  for (const [index, length] of lengths.entries()) {
    const bytes = lines.subarray(at, at + length)
    if (!bytes.subarray(0, OWN.length).equals(OWN)) found.push({ seq: seqs[index]!, bytes })
    at += length + 1
  }
  return found
}

function parseEvent(line: Buffer): OutputEvent {
  // Our own output, which one JSON Schema holds for; nothing else reaches a sink.
  return JSON.parse(line.toString('utf8')) as OutputEvent
}

function prettyEvent(event: OutputEvent, colors: Colors): string {
  const seq = `seq ${event.log.seq}  `
  const { result } = event.outcome
  const paint = result === 'success' ? colors.green : result === 'unknown' ? colors.yellow : colors.red
  const parts = [
    `${event.time.slice(11, 19)}Z`,
    printable(event.actor.id ?? event.actor.name ?? event.actor.type),
    colors.bold(printable(event.action)),
    ...targetsText(event),
    paint(`outcome ${printable(result)}`),
  ]
  const notes = notesOf(event).map(printable).join('; ')
  const second = notes === '' ? '' : `${' '.repeat(seq.length)}${colors.dim(notes)}\n`
  return `${colors.dim(seq)}${parts.join('  ')}\n${second}`
}

function targetsText({ targets = [] }: OutputEvent): string[] {
  const [first] = targets
  if (first === undefined) return []
  const text = [first.type, first.id ?? first.name].filter((part) => part !== undefined).join('/')
  return [printable(targets.length > 1 ? `${text} +${targets.length - 1}` : text)]
}

function notesOf({ quality, redactions = [], attribution }: OutputEvent): string[] {
  const notes: string[] = []
  if (quality.parse !== 'ok') notes.push(`parse: ${quality.parse}`)
  if (redactions.length > 0) notes.push(`redacted: ${redactions.map(({ path }) => path).join(', ')}`)
  const missing = attribution.missing ?? []
  if (missing.length > 0) notes.push(`missing: ${missing.join(', ')}`)
  const warnings = quality.warnings ?? []
  if (warnings.length > 0) notes.push(`warnings: ${warnings.join(', ')}`)
  return notes
}

/** Whoever writes an audit record must not be able to move the reader's cursor or forge lines. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`
  })
}
