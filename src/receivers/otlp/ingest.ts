/** From a request's body to committed events: the receiver's stream, and its records in chunks. */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import { AffiantError } from '../../errors.ts'
import type { DecodedRecord, RecordChunk, StreamContext } from '../../event/record.ts'
import type { Intake } from '../receiver.ts'
import type { BodyFormat, Rejected } from './answer.ts'
import { jsonLogsDecoder } from './json-decoder.ts'
import { decodeProtobufLogs } from './logs-decoder.ts'

export interface IngestOptions {
  readonly receiver: string
  readonly intake: Intake
  readonly clock: Clock
  /** What is constant for the stream, for its `affiant.stream.opened` event. */
  readonly metadata: () => Readonly<Record<string, unknown>>
}

/** One a run of the agent: its stream has one index over all records, in the order in which they came. */
export class Ingest {
  private readonly options: IngestOptions
  private readonly stream: StreamContext
  private opened: Promise<unknown> | undefined
  private nextIndex = 0

  constructor(options: IngestOptions) {
    this.options = options
    this.stream = { id: randomBytes(16).toString('hex'), receiver: options.receiver }
  }

  /**
   * Resolves once every record of the body is committed, but for those that it names: they are not taken in. Rejects with `bad_request` before any record is, or with
   * what the intake refuses with; then a client sends all of it again, and records with an id of their own keep it.
   */
  async take(body: Buffer, format: BodyFormat, peer: Peer): Promise<readonly Rejected[]> {
    const decode = format === 'protobuf' ? () => decodeProtobufLogs(body) : jsonLogsDecoder(body)
    const chunks = decode()
    const first = chunks.next()
    if (first.done) return []
    const rest = chunks.next()
    if (rest.done) return this.commit(first.value, peer)
    // More than one chunk: nothing may be committed of a body that turns out to be invalid at its end. Holding
    // all of it decoded would cost many times its size, so it is decoded once to see and once more to keep.
    for (const _ of chunks) await setImmediate()
    const rejected: Rejected[] = []
    let before = 0
    for (const chunk of decode()) {
      for (const { index, missing } of await this.commit(chunk, peer)) {
        rejected.push({ index: before + index, missing })
      }
      before += chunk.length
    }
    return rejected
  }

  private async commit(records: readonly DecodedRecord[], peer: Peer): Promise<readonly Rejected[]> {
    await this.open()
    const index = this.nextIndex
    this.nextIndex += records.length
    const { clock, intake } = this.options
    const chunk = { stream: this.stream, records, index, observed: clock.now(), peer }
    return (await intake.records(chunk)).rejected
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

type Peer = NonNullable<RecordChunk['peer']>

/** A client waits meanwhile, so this is short against its patience (10 s in the official exporters). */
const openTimeout = 5_000
