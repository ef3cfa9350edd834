/** `affiant dlq replay` and `affiant dlq purge`. */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { loadDataDir } from '../agent/load.ts'
import { letterFiles } from '../delivery/letters-on-disk.ts'
import { surveyLetters } from '../delivery/purge-letters.ts'
import { AffiantError } from '../errors.ts'
import { seqOf } from './journal-export.ts'
import { operate, requester } from './operate.ts'
import { timeoutOf } from './timeout.ts'

interface LetterOptions {
  readonly config: readonly string[]
  readonly sink: string
  readonly from?: string
  readonly to?: string
  readonly json: boolean
}

const rangeOf = ({ from, to }: LetterOptions) => ({
  from: seqOf('--from', from) ?? null,
  to: seqOf('--to', to) ?? null,
})

export async function replayLettersCommand(
  options: LetterOptions & { readonly timeout?: string },
): Promise<number> {
  const { config, sink, json } = options
  return await operate({
    config,
    request: {
      id: randomUUID(),
      operation: 'dlq_replay',
      sink,
      ...rangeOf(options),
      requested_by: requester(),
    },
    timeout: timeoutOf(options.timeout),
    json,
    title: `dead letters to ${sink}`,
    summary: ({ outcome, events, accepted, reason }) => {
      const left = events - accepted
      const lines = [
        `${accepted} of ${events} dead letters went to sink ${sink}`,
        ...(left > 0 ? [`${left} stay: affiant dlq list says why`] : []),
        ...(outcome === 'given_up' ? [`not all were tried: it refuses them, ${reason}`] : []),
        ...(outcome === 'ended' ? ['ended before its end; the same command goes on'] : []),
      ]
      return lines.join('\n')
    },
  })
}

export async function purgeLettersCommand(
  options: LetterOptions & { readonly yes: boolean },
): Promise<number> {
  const { config, sink, json } = options
  const range = rangeOf(options)
  if (!options.yes && !(await isMeant(await loadDataDir(config), sink, range))) {
    process.stderr.write('nothing was removed\n')
    return 1
  }
  return await operate({
    config,
    request: { id: randomUUID(), operation: 'dlq_purge', sink, ...range, requested_by: requester() },
    json,
    summary: ({ removed }) => `${removed} dead letters of sink ${sink} are gone`,
  })
}

/** @throws AffiantError usage, where nobody can be asked */
async function isMeant(dataDir: string, sink: string, range: ReturnType<typeof rangeOf>): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new AffiantError('usage', 'dead letters are gone for good: --yes says that this is meant')
  }
  const files = await letterFiles(join(dataDir, 'dlq', sink))
  const from = range.from ?? 0
  const to = range.to ?? Number.POSITIVE_INFINITY
  const { letters, firstSeq, lastSeq } = await surveyLetters({ files, from, to })
  const what = letters === 0 ? 'no dead letters' : `${letters} dead letters, seq ${firstSeq} to ${lastSeq}`
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asking.question(`sink ${sink}: ${what}. Remove them for good? [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    asking.close()
  }
}
