/**
 * What receivers took in before the start, from the journal, so that what is sent again over a restart is known. The time
 * that they remember it for goes on where it was when the last event was written: nobody could send while the agent was stopped.
 */
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { BlockMemo, Journal } from '../journal/contract.ts'
import { createRecentMarks, type DuplicatesConfig } from '../receivers/server/duplicates-config.ts'
import type { RecentMarks } from '../receivers/server/recent-marks.ts'
import type { Log } from '../telemetry/log.ts'
import type { AgentConfig } from './config.ts'
import { decodeMemo, type PlacedMark, receiverTag } from './record-memo.ts'

export interface RecallOptions {
  readonly receivers: AgentConfig['receivers']
  readonly journal: Pick<Journal, 'memos'>
  /** Unix milliseconds: when the last event before the start was written. Undefined where there is none. */
  readonly until: number | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Receivers wait for it, and senders for them: of a journal with very many small blocks only the newest are looked at. */
const patience = 10_000

/** By receiver, for those that are to know what is sent again. Never rejects: what cannot be read is not known. */
export async function recallMarks(options: RecallOptions): Promise<ReadonlyMap<string, RecentMarks>> {
  const { receivers, until, clock, log } = options
  const recalls = Object.entries(receivers).flatMap(([name, config]) => {
    const marks = 'duplicates' in config ? createRecentMarks(config.duplicates) : undefined
    return marks && 'duplicates' in config ? [new Recall(name, config.duplicates, marks)] : []
  })
  if (recalls.length > 0 && until !== undefined) {
    const started = clock.monotonic()
    try {
      await collect(recalls, until, options)
    } catch (thrown) {
      const reason = asError(thrown).message
      log.warn(
        { reason },
        'what was taken in lately could not be read: what is sent again may be committed again',
      )
    }
    const now = clock.monotonic()
    for (const recall of recalls) recall.remember(until, now)
    const records = recalls.reduce((sum, { marks }) => sum + marks.size, 0)
    const milliseconds = Math.round(clock.monotonic() - started)
    if (records > 0) log.info({ records, milliseconds }, 'knows again what was taken in before the start')
  }
  return new Map(recalls.map(({ name, marks }) => [name, marks]))
}

async function collect(
  recalls: readonly Recall[],
  until: number,
  { journal, clock, log }: RecallOptions,
): Promise<void> {
  const byTag = new Map(recalls.map((recall) => [receiverTag(recall.name), recall]))
  const started = clock.monotonic()
  for await (const { created, memos } of journal.memos()) {
    // The newest first, as segments are.
    for (const block of memos.toReversed()) {
      const memo = decodeMemo(block.memo)
      if (memo) byTag.get(memo.tag)?.add(memo.marks, block)
    }
    if (recalls.every((recall) => recall.needsNoneBefore(created, until))) return
    if (clock.monotonic() - started > patience) {
      const since = new Date(created).toISOString()
      log.warn({ since }, 'knows again only what was taken in since then: the journal has too many blocks')
      return
    }
  }
}

class Recall {
  readonly name: string
  readonly marks: RecentMarks
  readonly #config: DuplicatesConfig
  /** Newest first. */
  readonly #blocks: { readonly marks: readonly PlacedMark[]; readonly block: BlockMemo }[] = []
  #count = 0

  constructor(name: string, config: DuplicatesConfig, marks: RecentMarks) {
    this.name = name
    this.marks = marks
    this.#config = config
  }

  /** However old it seems: a clock that was set makes what was written just now look old. */
  add(marks: readonly PlacedMark[], block: BlockMemo): void {
    if (this.#count >= this.#config.max_ids) return
    this.#count += marks.length
    this.#blocks.push({ marks, block })
  }

  needsNoneBefore(time: number, until: number): boolean {
    return this.#count >= this.#config.max_ids || time <= until - this.#config.window
  }

  /** Oldest first, as old at `now` (monotonic) as they were at `until`; what seems too old has half of the window left. */
  remember(until: number, now: number): void {
    for (const { marks, block } of this.#blocks.toReversed()) {
      const age = Math.min(Math.max(0, until - block.writtenTime), this.#config.window / 2)
      for (const { key, content, event = 0 } of marks) {
        this.marks.add(key, { content, seq: block.firstSeq + event }, now - age)
      }
    }
  }
}
