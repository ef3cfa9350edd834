/** For receivers whose records may bring an id of their own. */
import { z } from 'zod'
import { durationFrom } from '../../config/values.ts'
import { Duplicates } from './duplicates.ts'
import type { ReceiverOptions } from './receiver-options.ts'
import { RecentMarks } from './recent-marks.ts'

export const duplicatesConfig = z
  .strictObject({
    window: durationFrom('1s', '30d')
      .prefault('1h')
      .describe('For how long a record is remembered; the time while the agent is stopped does not count'),
    max_ids: z
      .int()
      .min(0)
      .max(20_000_000)
      .default(500_000)
      .describe(
        'How many are remembered, some 60 bytes of memory each: of more, the oldest are forgotten. 0: none, and whatever is sent again is committed again',
      ),
  })
  .prefault({})
  .describe('Records that are sent again with the same id, by the same credential, are committed once')

export type DuplicatesConfig = z.infer<typeof duplicatesConfig>

/** Empty; undefined where nothing is to be remembered. */
export const createRecentMarks = ({ window, max_ids }: DuplicatesConfig): RecentMarks | undefined =>
  max_ids === 0 ? undefined : new RecentMarks({ window, most: max_ids })

/** What the records of all streams of a receiver are held against. */
export function duplicatesOf({
  config,
  recent,
  clock,
}: Pick<ReceiverOptions<{ readonly duplicates?: DuplicatesConfig }>, 'config' | 'recent' | 'clock'>):
  | Duplicates
  | undefined {
  const marks = recent ?? (config.duplicates && createRecentMarks(config.duplicates))
  return marks && new Duplicates(marks, clock)
}
