/** `affiant replay`: events of the journal to a sink, once more. */
import { randomUUID } from 'node:crypto'
import { AffiantError } from '../errors.ts'
import { seqOf } from './journal-export.ts'
import { operate, requester } from './operate.ts'
import { timeoutOf } from './timeout.ts'

export interface ReplayCommandOptions {
  readonly config: readonly string[]
  readonly sink: string
  readonly from: string
  readonly to?: string
  readonly available: boolean
  readonly timeout?: string
  readonly json: boolean
}

export async function replayCommand(options: ReplayCommandOptions): Promise<number> {
  const { config, sink, available, json } = options
  const from = seqOf('--from', options.from)
  if (from === undefined) throw new AffiantError('usage', '--from is needed')
  const to = seqOf('--to', options.to) ?? null
  return await operate({
    config,
    request: { id: randomUUID(), operation: 'replay', sink, from, to, available, requested_by: requester() },
    timeout: timeoutOf(options.timeout),
    json,
    title: `replay to ${sink}`,
    summary: ({ outcome, events, accepted, refused, settled_seq: settled, missing }) => {
      const lines = [
        `${accepted} of ${events} events went to sink ${sink}`,
        ...(refused > 0 ? [`${refused} it refused: affiant dlq show ${sink}`] : []),
        ...missing.map(({ first_seq, last_seq }) => `seq ${first_seq}..${last_seq} is gone`),
        ...(outcome === 'ended'
          ? [`ended before its end: --from ${settled ?? from} goes on where it came to`]
          : []),
      ]
      return lines.join('\n')
    },
  })
}
