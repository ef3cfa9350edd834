/** The one stream of a server: an index over all its records, in the order in which they came, for one run of the agent. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { ReceivedRecord, RecordChunk, StreamContext } from '../../event/record.ts'
import type { Intake, Receipt } from '../receiver.ts'

export type Peer = NonNullable<RecordChunk['peer']>

export interface IntakeStreamOptions {
  readonly receiver: string
  readonly intake: Intake
  readonly clock: Clock
  /** What is constant for the stream, for its `affiant.stream.opened` event. */
  readonly metadata: () => Readonly<Record<string, unknown>>
}

/** A chunk handed to the intake ends after this many records or bytes of input, whichever comes first. */
export const chunkRecords = 1000
export const chunkBytes = 1024 * 1024

/** A client waits meanwhile, so this is short against its patience (10 s in the official exporters). */
const openTimeout = 5_000

export class IntakeStream {
  private readonly options: IntakeStreamOptions
  private readonly stream: StreamContext
  private opened: Promise<unknown> | undefined
  private nextIndex = 0

  constructor(options: IntakeStreamOptions) {
    this.options = options
    this.stream = { id: randomBytes(16).toString('hex'), receiver: options.receiver }
  }

  /** Resolves after the commit; rejects with what the intake refuses with. */
  async commit(records: readonly ReceivedRecord[], peer: Peer): Promise<Receipt> {
    await this.open()
    const index = this.nextIndex
    this.nextIndex += records.length
    const { clock, intake } = this.options
    return intake.records({ stream: this.stream, records, index, observed: clock.now(), peer })
  }

  /** Once; a failure leaves it to the next request. */
  private open(): Promise<unknown> {
    this.opened ??= this.openStream().catch((thrown: unknown) => {
      this.opened = undefined
      throw thrown
    })
    return this.opened
  }

  private async openStream(): Promise<void> {
    const { intake, metadata } = this.options
    const waited = AbortSignal.timeout(openTimeout)
    try {
      const opened = { metadata: metadata(), update: { stream: this.stream.id } }
      await intake.openStream(this.stream, opened, waited)
    } catch (thrown) {
      if (!waited.aborted) throw thrown
      throw new AffiantError('journal_unavailable', 'the journal takes nothing at the moment', {
        cause: thrown,
      })
    }
  }
}
