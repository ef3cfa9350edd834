/** A stream of a server: an index over its records, in the order in which they came. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { ReceivedRecord, RecordChunk, StreamContext } from '../../event/record.ts'
import type { RecordMarks } from '../../event/record-marks.ts'
import type { Intake, Receipt, RecordsOptions } from '../receiver.ts'
import { commitOnce, type Taken } from './commit-once.ts'
import type { Duplicates } from './duplicates.ts'
import { askedOfEach, isKnowable } from './record-keys.ts'
import type { RequestKey } from './request-key.ts'

export type Peer = NonNullable<RecordChunk['peer']>

export interface IntakeStreamOptions {
  readonly receiver: string
  readonly intake: Intake
  readonly clock: Clock
  /** One for all streams of a receiver. Absent: what is sent again is committed again. */
  readonly duplicates?: Duplicates | undefined
  /** What is constant for the stream, for its `affiant.stream.opened` event. */
  readonly metadata: () => Readonly<Record<string, unknown>>
  /** One that goes on after a restart. Default: a new one, that nobody needs to know again. */
  readonly lasting?: LastingStream
}

export interface LastingStream {
  /** 32 hex digits. */
  readonly id: string
  /** Of its next record; 0: nothing of it has come yet, and it is opened first. */
  readonly index: number
}

interface CommitOptions {
  readonly request?: { readonly key: RequestKey; readonly from: number } | undefined
  /** What those of the records lie in that are lines. */
  readonly values?: RecordChunk['values']
  /** Called before any of them is on its way into the journal: what it throws keeps them out. */
  readonly begin?: (() => void) | undefined
}

interface AppendOptions extends Pick<CommitOptions, 'values' | 'begin'> {
  readonly marks?: RecordMarks
}

/** A chunk handed to the intake ends after this many records or bytes of input, whichever comes first. */
export const chunkRecords = 1000
export const chunkBytes = 1024 * 1024

/** A client waits meanwhile, so this is short against its patience (10 s in the official exporters). */
const openTimeout = 5_000

export class IntakeStream {
  /** What its records are held against. */
  readonly duplicates: Duplicates | undefined
  private readonly options: IntakeStreamOptions
  private readonly stream: StreamContext
  private opened: Promise<unknown> | undefined
  private nextIndex = 0

  constructor(options: IntakeStreamOptions) {
    this.options = options
    const { receiver, lasting, duplicates } = options
    this.duplicates = duplicates
    this.stream = { id: lasting?.id ?? randomBytes(16).toString('hex'), receiver }
    if (lasting && lasting.index > 0) {
      this.nextIndex = lasting.index
      this.opened = Promise.resolve()
    }
  }

  /** Of the next record. */
  get index(): number {
    return this.nextIndex
  }

  /** What is said of the stream when it is opened. */
  get metadata(): Readonly<Record<string, unknown>> {
    return this.options.metadata()
  }

  /**
   * Resolves after the commit; rejects with what the intake refuses with. Of records with an id of their own those are
   * committed that were not before; of a `request` with a key, whose records these are from its place `from` on, all of them.
   */
  async commit(
    records: readonly ReceivedRecord[],
    peer: Peer,
    { request, values, begin }: CommitOptions = {},
  ): Promise<Taken> {
    const { duplicates } = this
    if (duplicates === undefined || !(request || records.some(isKnowable))) {
      return this.append(records, peer, { values, begin })
    }
    const isFirst = request?.from === 0
    const asked = askedOfEach(records, peer.auth_id ?? '', values, isFirst ? 1 : 0)
    if (request) {
      for (let index = 0; index < records.length; index++)
        if (!asked.has(index)) asked.set(index, request.key.record(request.from + index))
      if (isFirst) asked.set(records.length, request.key.whole)
    }
    let first = begin
    return commitOnce(records, asked, {
      duplicates,
      values,
      repeated: (repeats) => this.options.intake.repeated(repeats),
      append: (chunk, marks) => {
        const options = { marks, values, begin: first }
        first = undefined
        return this.append(chunk, peer, options)
      },
    })
  }

  /** The same, without a look at what was committed before; the chunk is remembered by its marks. */
  async append(
    records: readonly ReceivedRecord[],
    peer: Peer,
    { marks, values, begin, ...asked }: RecordsOptions & AppendOptions = {},
  ): Promise<Receipt> {
    await this.open()
    begin?.()
    const index = this.nextIndex
    this.nextIndex += records.length
    const { clock, intake } = this.options
    const chunk = {
      stream: this.stream,
      records,
      index,
      observed: clock.now(),
      peer,
      ...(values && { values }),
    }
    return intake.records(marks && marks.records.length > 0 ? { ...chunk, marks } : chunk, asked)
  }

  /** Of records that are not committed yet: what their sender may not deliver. */
  outOfScope(records: readonly ReceivedRecord[], peer: Peer): Promise<Receipt['rejected']> {
    const { clock, intake } = this.options
    return intake.outOfScope({ stream: this.stream, records, index: 0, observed: clock.now(), peer })
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
