/**
 * What the journal's model test once failed on, always run first: the seed that found it, and the script that it was
 * shrunk to, which stays the same when scripts are made in another way.
 */
import type { Step } from './journal-script.ts'

interface FailedOnce {
  readonly seed: number
  readonly found: string
  readonly script: readonly Step[]
}

const one = [{ file: 1, count: 1, width: 1 }]

export const failingSeeds: readonly FailedOnce[] = [
  {
    seed: 424242,
    found: 'both header pages of the oldest segment damaged: the journal begins behind what it reported',
    script: [
      { kind: 'fault', batches: one, operation: 'sync', code: 'EIO', after: 1, times: 1 },
      { kind: 'flip', segment: 0, offset: 0, bit: 0 },
      { kind: 'flip', segment: 0, offset: 948_435_456, bit: 0 },
      { kind: 'restart' },
    ],
  },
  {
    seed: 777,
    found: 'the same, and a sink whose cursor is behind what is left',
    script: [
      { kind: 'append', batches: one, beside: null },
      { kind: 'flip', segment: 0, offset: 0, bit: 0 },
      { kind: 'flip', segment: 0, offset: 1_866_417_872, bit: 0 },
      { kind: 'settle', share: 0 },
    ],
  },
]
