/** One line of a plan log; see plan-log.ts for the layout. */
import { z } from 'zod'
import { joined, type Span } from './bisect.ts'
import { decodeChecked, encodeChecked } from './checked-line.ts'

const seqs = {
  first: z.int().min(0),
  /** See PlannedCut. */
  runs: z.array(z.int().min(0)).min(1),
}

const planRecord = z.strictObject({
  plan: z.int().min(1),
  /** The sink's type. */
  type: z.string(),
  epoch: z.int(),
  partition: z.string(),
  ...seqs,
  last: z.int().min(0),
  detail: z.json().optional(),
  body: z.strictObject({ bytes: z.int().min(0), crc32: z.int().min(0) }).optional(),
})

const planEnd = planRecord.omit({ plan: true, detail: true, body: true }).extend({ done: z.int().min(1) })

const line = z.union([
  planRecord,
  z.strictObject({ taken: z.int().min(1), ...seqs }),
  planEnd,
  z.strictObject({ plans: z.literal(1) }),
])

export type PlanRecord = Omit<z.output<typeof planRecord>, 'detail'> & { readonly detail?: unknown }
/** The destination has these events of a plan. */
interface TakenRecord extends Seqs {
  readonly taken: number
}
type Line = PlanRecord | TakenRecord | z.output<typeof planEnd> | { readonly plans: 1 }

export interface Seqs {
  readonly first: number
  readonly runs: readonly number[]
}

/** With its newline. */
export function encodeLine(record: Line): string {
  return encodeChecked(record)
}

/** That a plan is over, and once more which events were in it: one of its two lines may be lost. */
export function encodeEnd({ plan: done, type, epoch, partition, first, last, runs }: PlanRecord): string {
  return encodeLine({ done, type, epoch, partition, first, last, runs })
}

/** Undefined when it is damaged, or none. */
export function decodeLine(text: string): Line | undefined {
  return line.safeParse(decodeChecked(text)).data
}

/** Ended plans of one partition become one: while an old batch waits, those after it must not pile up. */
export function mergeRecords(done: readonly PlanRecord[]): PlanRecord[] {
  return [...Map.groupBy(done, ({ epoch, partition }) => `${epoch} ${partition}`).values()].map((alike) => {
    const [{ plan, type, epoch, partition }] = alike as [PlanRecord]
    const spans = joined(alike.flatMap(spansOf))
    return { plan, type, epoch, partition, ...seqsOf(spans), last: spans.at(-1)!.to - 1 }
  })
}

/** Spans of seqs, in order. */
export function seqsOf(spans: readonly Span[]): { first: number; runs: number[] } {
  const runs = spans.flatMap(({ from, to }, index) =>
    index === 0 ? [to - from] : [from - spans[index - 1]!.to, to - from],
  )
  return { first: spans[0]!.from, runs }
}

/** What of `whole` is not in `parts`, which it has all of. Both in order. */
export function remainder(whole: readonly Span[], parts: readonly Span[]): Span[] {
  return whole.flatMap(({ from, to }) => {
    const left: Span[] = []
    let at = from
    for (const part of parts) {
      if (part.to <= at || part.from >= to) continue
      if (part.from > at) left.push({ from: at, to: part.from })
      at = part.to
    }
    if (at < to) left.push({ from: at, to })
    return left
  })
}

export function spansOf({ first, runs }: Seqs): Span[] {
  const spans: Span[] = []
  let at = first
  for (const [index, length] of runs.entries()) {
    if (index % 2 === 0) spans.push({ from: at, to: at + length })
    at += length
  }
  return spans
}
