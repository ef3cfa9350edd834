/** What `affiant status` prints. Rates come from two answers, so the first has none. */
import { z } from 'zod'
import { figure } from '../figure.ts'
import { type Column, renderTable } from './table.ts'

const receiver = z.looseObject({
  name: z.string(),
  type: z.string(),
  paused: z.boolean(),
  records: z.number(),
  duplicates: z.number().default(0),
  events: z.number(),
})

const sink = z.looseObject({
  name: z.string(),
  type: z.string().nullable(),
  state: z.string(),
  lag_events: z.number(),
  oldest_unsettled_seconds: z.number(),
  in_flight: z.number(),
  limit: z.number(),
  delivered_events: z.number(),
  dead_letters: z.number(),
  last_error: z.string().nullable(),
  endpoints: z.array(
    z.looseObject({ url: z.string(), circuit: z.string(), last_error: z.string().nullable() }),
  ),
})

/** What is printed of the answer. */
export const statusAnswer = z.looseObject({
  agent: z.looseObject({
    id: z.string(),
    version: z.string(),
    pid: z.number(),
    uptime_seconds: z.number(),
  }),
  ready: z.boolean(),
  reasons: z.array(z.looseObject({ component: z.string(), message: z.string() })),
  receivers: z.array(receiver),
  journal: z.looseObject({
    bytes: z.number(),
    max_bytes: z.number(),
    first_seq: z.number(),
    next_seq: z.number(),
    pressure: z.looseObject({ reason: z.string(), message: z.string() }).nullable(),
  }),
  sinks: z.array(sink),
})

export type Status = z.output<typeof statusAnswer>

const count = (value: number) => figure(Math.round(value))
const mebibytes = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`

/** `before`: an earlier answer, to tell rates from. */
export function renderStatus(now: Status, before?: Status): string {
  const { agent, journal } = now
  // Of the agent's own clock; an agent that was restarted meanwhile counts from nothing.
  const same = before?.agent.pid === agent.pid ? before : undefined
  const seconds = agent.uptime_seconds - (same?.agent.uptime_seconds ?? agent.uptime_seconds)
  const rate = (value: number, old: number | undefined) =>
    old === undefined || seconds <= 0 ? '' : count(Math.max(0, value - old) / seconds)

  const receivers: Column<Status['receivers'][number]>[] = [
    { title: 'receiver', right: false, cell: ({ name }) => name },
    { title: 'type', right: false, cell: ({ type }) => type },
    { title: 'records', right: true, cell: ({ records }) => count(records) },
    {
      title: 'records/s',
      right: true,
      cell: ({ name, records }) => rate(records, same?.receivers.find((old) => old.name === name)?.records),
    },
    { title: 'events', right: true, cell: ({ events }) => count(events) },
    { title: 'duplicates', right: true, cell: ({ duplicates }) => count(duplicates) },
    { title: 'state', right: false, cell: ({ paused }) => (paused ? 'paused' : 'takes records') },
  ]
  const sinks: Column<Status['sinks'][number]>[] = [
    { title: 'sink', right: false, cell: ({ name }) => name },
    { title: 'type', right: false, cell: ({ type }) => type ?? '' },
    { title: 'state', right: false, cell: ({ state }) => state },
    {
      title: 'events/s',
      right: true,
      cell: ({ name, delivered_events: events }) =>
        rate(events, same?.sinks.find((old) => old.name === name)?.delivered_events),
    },
    { title: 'lag', right: true, cell: ({ lag_events: lag }) => count(lag) },
    { title: 'oldest', right: true, cell: ({ oldest_unsettled_seconds: age }) => `${age.toFixed(1)} s` },
    { title: 'in flight', right: true, cell: ({ in_flight: inFlight, limit }) => `${inFlight}/${limit}` },
    { title: 'dead letters', right: true, cell: ({ dead_letters: letters }) => count(letters) },
  ]
  const share = journal.max_bytes === 0 ? 0 : (journal.bytes / journal.max_bytes) * 100
  const events =
    journal.next_seq === journal.first_seq
      ? `no events, the next is ${journal.next_seq}`
      : `seqs ${journal.first_seq} to ${journal.next_seq - 1}`
  return [
    `agent ${agent.id}, version ${agent.version}, process ${agent.pid}, up ${count(agent.uptime_seconds)} s: ${now.ready ? 'ready' : 'not ready'}\n`,
    ...now.reasons.map(({ component, message }) => `  ${component}: ${printable(message)}\n`),
    `journal ${mebibytes(journal.bytes)} of ${mebibytes(journal.max_bytes)} (${share.toFixed(1)} %), ${events}\n`,
    ...(journal.pressure ? [`  ${printable(journal.pressure.message)}\n`] : []),
    ...(now.receivers.length > 0 ? ['\n', renderTable(receivers, now.receivers)] : []),
    '\n',
    renderTable(sinks, now.sinks),
    ...now.sinks.flatMap(troubles),
  ].join('')
}

function troubles({ name, state, last_error: error, endpoints }: Status['sinks'][number]): string[] {
  const own = error === null || state === 'ok' ? [] : [`  ${name}: ${printable(error)}\n`]
  const circuits = endpoints
    .filter(({ circuit }) => circuit !== 'closed')
    .map(
      ({ url, circuit, last_error: why }) =>
        `  ${name}: ${url}: circuit ${circuit.replace('_', ' ')}${why === null ? '' : `: ${printable(why)}`}\n`,
    )
  return [...own, ...circuits]
}

/** A destination's own words must not move the cursor of a terminal. */
const printable = (text: string) => text.replace(/\p{Cc}+/gu, ' ')
