/** One line of a plan log; see plan-log.ts for the layout. */
import { z } from 'zod'
import { joined, type Span } from './bisect.ts'
import { decodeChecked, encodeChecked } from './checked-line.ts'

const planRecord = z.strictObject({
  plan: z.int().min(1),
  /** The sink's type. */
  type: z.string(),
  epoch: z.int(),
  partition: z.string(),
  first: z.int().min(0),
  last: z.int().min(0),
  /** See PlannedCut. */
  runs: z.array(z.int().min(0)).min(1),
  detail: z.json().optional(),
  body: z.strictObject({ bytes: z.int().min(0), crc32: z.int().min(0) }).optional(),
})

const line = z.union([
  planRecord,
  z.strictObject({ done: z.int().min(1) }),
  z.strictObject({ plans: z.literal(1) }),
])

export type PlanRecord = Omit<z.output<typeof planRecord>, 'detail'> & { readonly detail?: unknown }
type Line = PlanRecord | { readonly done: number } | { readonly plans: 1 }

/** With its newline. */
export function encodeLine(record: Line): string {
  return encodeChecked(record)
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
    const runs = spans.flatMap(({ from, to }, index) =>
      index === 0 ? [to - from] : [from - spans[index - 1]!.to, to - from],
    )
    return { plan, type, epoch, partition, first: spans[0]!.from, last: spans.at(-1)!.to - 1, runs }
  })
}

function spansOf({ first, runs }: PlanRecord): Span[] {
  const spans: Span[] = []
  let at = first
  for (const [index, length] of runs.entries()) {
    if (index % 2 === 0) spans.push({ from: at, to: at + length })
    at += length
  }
  return spans
}
