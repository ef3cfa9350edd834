/** What `affiant drain` asks of the agent that runs, and what it hears meanwhile: lines of JSON. */
import { z } from 'zod'
import { errorMessage } from './control-error.ts'
import { requester } from './operation.ts'

export const drainRequest = z.strictObject({
  /** Milliseconds for reading and settling. */
  timeout: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  requested_by: requester,
})

export type DrainRequest = z.output<typeof drainRequest>

const seqRange = z.strictObject({ first_seq: z.int(), last_seq: z.int() })

export const drainMessage = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    /** `reading`: files are not at their end; `settling`: all is committed; `handing_over`: the time is over. */
    phase: z.enum(['reading', 'settling', 'handing_over']),
    /** Those that have not settled what they should. */
    sinks: z.array(
      z.strictObject({
        sink: z.string(),
        /** Committed events that it has not come past. */
        lag: z.int(),
        /** Why it waits; null while it goes on. */
        waiting: z.string().nullable(),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal('end'),
    /** `ended`: the command was. */
    outcome: z.enum(['drained', 'unsettled', 'ended']),
    /** The agent stops; otherwise it goes on. */
    stopping: z.boolean(),
    /** Files were read to the ends that they had at the beginning, and that is committed. */
    read: z.boolean(),
    /** Bytes that are in files and not committed, where they were not; of the first few. */
    unread: z.array(z.strictObject({ path: z.string(), bytes: z.int() })),
    /** Events committed meanwhile. */
    committed: z.int(),
    /** Everything below was to be settled. */
    settle_below: z.int(),
    sinks: z.array(
      z.strictObject({
        sink: z.string(),
        required: z.boolean(),
        /** Events that it settled meanwhile. */
        settled: z.int(),
        /** Null: none. */
        unsettled: z
          .strictObject({
            events: z.int(),
            /** False: there are more, which could not be counted in time. */
            counted: z.boolean(),
            ranges: z.array(seqRange),
            reason: z.string().nullable(),
          })
          .nullable(),
      }),
    ),
    /** Null: there is no fallback, or nothing for it. */
    handed_over: z
      .strictObject({
        fallback: z.string(),
        outcome: z.enum(['done', 'ended', 'failed']),
        accepted: z.int(),
        refused: z.int(),
        /** That the fallback gets by routes of its own. */
        elsewhere: z.int(),
        reason: z.string().nullable(),
      })
      .nullable(),
    data_dir: z.string(),
  }),
  errorMessage,
])

export type DrainMessage = z.output<typeof drainMessage>
export type DrainProgress = Extract<DrainMessage, { kind: 'progress' }>
export type DrainEnd = Extract<DrainMessage, { kind: 'end' }>
