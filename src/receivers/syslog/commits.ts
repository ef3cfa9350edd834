/**
 * Commits messages, however long that takes: nobody waits for an answer who could send them again. Only when the receiver
 * stops while the journal takes nothing are they given up, and that is told.
 */
import type { Clock } from '../../clock.ts'
import { asError } from '../../errors.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { Intake } from '../receiver.ts'
import type { IntakeStream, Peer } from '../server/intake-stream.ts'
import { chunksOf } from '../server/take-texts.ts'
import { type Frame, recordOf } from './frame.ts'
import type { Losses } from './losses.ts'

/** Milliseconds between two tries: from, to. */
const shortest = 20
const longest = 1_000

export interface CommitsOptions {
  readonly receiver: string
  readonly intake: Pick<Intake, 'pressure'>
  readonly stream: IntakeStream
  readonly stopping: AbortSignal
  readonly losses: Losses
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
}

export class Commits {
  readonly #options: CommitsOptions

  constructor(options: CommitsOptions) {
    this.#options = options
  }

  /** Resolves when the journal takes records, or the receiver stops. */
  async room(): Promise<void> {
    const { intake, stopping } = this.#options
    for (let wait = shortest; intake.pressure() && !stopping.aborted; wait = Math.min(longest, 2 * wait))
      await this.#sleep(wait)
  }

  /** Resolves when all are committed, or given up. In order. */
  async take(frames: readonly Frame[], peer: Peer): Promise<void> {
    let left = frames.length
    for (const chunk of chunksOf(frames.map(recordOf))) {
      if (!(await this.#commit(() => this.#options.stream.commit(chunk, peer)))) {
        this.#options.losses.add('stopped', left)
        return
      }
      left -= chunk.length
    }
    const { metrics, receiver } = this.#options
    metrics.bytesRead.inc(
      { receiver },
      frames.reduce((sum, { bytes, oversize }) => sum + (oversize?.size ?? bytes.length), 0),
    )
  }

  async #commit(attempt: () => Promise<unknown>): Promise<boolean> {
    const { intake, stopping, log } = this.#options
    for (let wait = shortest; ; wait = Math.min(longest, 2 * wait)) {
      const why = intake.pressure()
      if (!why) {
        try {
          await attempt()
          return true
        } catch (thrown) {
          log.warn({ reason: asError(thrown).message }, 'the journal does not take messages; they wait')
        }
      }
      if (stopping.aborted) return false
      await this.#sleep(wait)
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return this.#options.clock.sleep(milliseconds, this.#options.stopping).catch(() => {})
  }
}
