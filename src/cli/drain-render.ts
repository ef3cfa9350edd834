/** What `affiant drain` says, while it waits and at the end. */
import type { DrainEnd, DrainProgress } from '../agent/drain-message.ts'
import { figure } from '../figure.ts'
import { printable } from './live-line.ts'

const events = (value: number): string => `${figure(value)} ${value === 1 ? 'event' : 'events'}`

const doing = {
  reading: 'reads files to their end',
  settling: 'waits for sinks',
  handing_over: 'hands over what is left',
} as const

/** `drain: waits for sinks; siem 1,200 behind (HTTP 503)`. */
export function progressLine({ phase, sinks }: DrainProgress): string {
  const behind = sinks.map(({ sink, lag, waiting }) => {
    const why = waiting === null ? '' : ` (${printable(waiting)})`
    return `${sink} ${figure(lag)} behind${why}`
  })
  return [`drain: ${doing[phase]}`, ...behind].join('; ')
}

/** Ranges that are named. */
const mostRanges = 5

export function endLines(end: DrainEnd): string[] {
  const { outcome, stopping, read, unread, committed, sinks, data_dir: dataDir } = end
  const left = sinks.some(({ unsettled }) => unsettled !== null)
  return [
    {
      drained: `drained: everything that was in the files is read and settled, ${events(committed)} committed meanwhile`,
      unsettled: 'not drained',
      ended: `ended before it was drained; the agent ${stopping ? 'stops' : 'goes on'}`,
    }[outcome],
    ...(read
      ? []
      : ['  files are not read to their end: the journal takes nothing, or there was too little time']),
    ...unread.map(({ path, bytes }) => `    ${printable(path)}: ${figure(bytes)} bytes are not committed`),
    ...sinks.map((sink) => `  ${sinkLine(sink)}`),
    ...(end.handed_over === null ? [] : [`  ${handedLine(end.handed_over)}`]),
    ...(left
      ? [`  what is unsettled stays in the journal in ${dataDir}, and goes out after the next start on it`]
      : []),
  ]
}

function sinkLine({ sink, required, settled, unsettled }: DrainEnd['sinks'][number]): string {
  const name = required ? sink : `${sink} (not required)`
  if (unsettled === null) return `${name}: ${events(settled)} settled meanwhile, none is left`
  const { ranges, reason } = unsettled
  const named = ranges
    .slice(0, mostRanges)
    .map(({ first_seq: first, last_seq: last }) => (first === last ? `${first}` : `${first}..${last}`))
  const more = ranges.length > mostRanges ? ` and ${ranges.length - mostRanges} ranges more` : ''
  const least = unsettled.counted ? '' : 'more than '
  const why = reason === null ? '' : `: ${printable(reason)}`
  const where = named.length === 0 ? '' : `, seq ${named.join(', ')}${more}`
  return `${name}: ${least}${events(unsettled.events)} unsettled${where}${why}`
}

function handedLine(handed: NonNullable<DrainEnd['handed_over']>): string {
  const { fallback, outcome, accepted, refused, elsewhere, reason } = handed
  const parts = [
    `${events(accepted)} handed over to ${fallback}`,
    ...(elsewhere > 0 ? [`${figure(elsewhere)} it gets anyway`] : []),
    ...(refused > 0 ? [`${figure(refused)} it refused: affiant dlq show ${fallback}`] : []),
    ...(outcome === 'done' ? [] : [`not all of it: ${printable(reason ?? outcome)}`]),
  ]
  const isRepeated = outcome === 'done' && accepted + elsewhere + refused === 0
  return isRepeated ? `all of it was handed over to ${fallback} before` : parts.join('; ')
}
