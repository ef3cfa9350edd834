/**
 * The journal: one writer, many readers, append-only. See contract.ts for what it promises and docs/journal-format.md
 * for what lies on disk.
 *
 * In flight are at most `queueBytes` of batches that wait or are being written, plus the last batch that was let in, plus
 * `cacheBytes` of committed blocks for readers at the head, and `sharedBytes` of blocks for readers behind it. Batches are
 * written from the buffers they came in.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.ts'
import { AffiantError } from '../errors.ts'
import type { Commit, EncodedBatch, StreamUpdate } from '../event/batch.ts'
import type { Log } from '../telemetry/log.ts'
import { blockKinds } from './block.ts'
import { BlockMemories } from './block-memory.ts'
import type { JournalConfig } from './config.ts'
import type {
  AppendOptions,
  Cursor,
  Journal,
  JournalPressure,
  JournalReader,
  JournalRecovery,
  JournalStats,
  LiveStream,
  RouteSwitch,
  SegmentMemos,
} from './contract.ts'
import type { Cursors } from './cursors.ts'
import { DamageReports } from './damage-reports.ts'
import { DescriptorEcho } from './descriptor-echo.ts'
import type { ForgottenCursor } from './forget-cursor.ts'
import type { FileSystem } from './fs-port.ts'
import { GroupCommit } from './group-commit.ts'
import type { JournalEvents } from './journal-events.ts'
import type { JournalWriter } from './journal-writer.ts'
import type { LiveStreams } from './live-streams.ts'
import type { DataDirLock } from './lock.ts'
import { maintain } from './maintenance.ts'
import { readMemos } from './memos.ts'
import { pack, sealBlock } from './pending-block.ts'
import { outOfOrder, pressureError } from './pressure.ts'
import { readingAround } from './read-around.ts'
import { BlockReader, type FoundDamage, type ReaderSource } from './reader.ts'
import type { RecentBlocks } from './recent-blocks.ts'
import { keepRouteTable } from './route-tables.ts'
import type { SegmentSet } from './segment-set.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { JournalSettings, LiveSettings } from './settings.ts'
import { SharedBlocks } from './shared-blocks.ts'
import type { ToldDamage } from './told-damage.ts'
import type { Waiters } from './waiters.ts'
import type { PendingBlock } from './writer-options.ts'

/** Before what a disk does not give back counts as damaged. Milliseconds. */
const readPatience = 60_000
const queueBytes = 16 * 1024 ** 2
const sharedBytes = 8 * 1024 ** 2

/** What has its turn in the commit queue. */
type Turn = PendingBlock | { readonly kind: 'task'; run(): Promise<void> }

export interface JournalParts {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly log: Log
  readonly dataDir: string
  readonly directory: string
  readonly epoch: number
  readonly origin: string
  readonly recovery: JournalRecovery
  /** What of the damage was told. */
  readonly told: ToldDamage
  readonly settings: LiveSettings
  readonly encrypted: boolean
  readonly segments: SegmentSet
  readonly cursors: Cursors
  readonly streams: LiveStreams
  readonly recent: RecentBlocks
  readonly writer: JournalWriter
  readonly committed: Waiters
  readonly room: Waiters
  readonly lock: DataDirLock
  readonly events: JournalEvents
}

export class RunningJournal implements Journal, ReaderSource {
  /** For readers. */
  readonly fs: FileSystem
  readonly shared = new SharedBlocks(sharedBytes)
  readonly memories = new BlockMemories()
  readonly #parts: JournalParts
  readonly #queue: GroupCommit<Turn>
  readonly #stop = new AbortController()
  readonly #maintenance: Promise<void>
  readonly #damage: DamageReports
  readonly #echo = new DescriptorEcho()
  #closing: Promise<void> | null = null
  /** Since when a group is being committed; on the monotonic clock. */
  #committingSince: number | null = null

  constructor(parts: JournalParts) {
    this.#parts = parts
    this.fs = readingAround(parts.fs, { ...parts, patience: readPatience })
    this.#damage = new DamageReports({ ...parts, fs: this.fs })
    this.#queue = new GroupCommit({
      clock: parts.clock,
      limits: () => parts.settings.current.commit,
      commit: (group) => this.#commit(group),
      broken: (group, error) => {
        parts.log.error({ err: error }, 'journal: a defect while committing')
        for (const turn of group) if (turn.kind !== 'task') turn.reject(error)
      },
    })
    this.#maintenance = maintain({
      ...parts,
      damage: this.#damage,
      inTurn: (task) => this.#inTurn(task),
      signal: this.#stop.signal,
    })
  }

  get epoch(): number {
    return this.#parts.epoch
  }

  get origin(): string {
    return this.#parts.origin
  }

  get durableSeq(): number {
    return this.#parts.writer.durableSeq
  }

  get recovery(): JournalRecovery {
    return this.#parts.recovery
  }

  get pressure(): JournalPressure | null {
    return this.#parts.writer.pressure
  }

  get unansweredMilliseconds(): number {
    return this.#committingSince === null ? 0 : this.#parts.clock.monotonic() - this.#committingSince
  }

  // What readers need.
  get segments(): SegmentSet {
    return this.#parts.segments
  }

  get recent(): RecentBlocks {
    return this.#parts.recent
  }

  get committed(): Waiters {
    return this.#parts.committed
  }

  get closed(): boolean {
    return this.#closing !== null
  }

  append(
    batch: EncodedBatch,
    update: StreamUpdate,
    { reserve = false, order }: AppendOptions = {},
  ): Promise<Commit> {
    return new Promise((resolve, rejectOnly) => {
      const refuse = (error: Error) => {
        if (order) order.broken = true
        rejectOnly(error)
      }
      const refusal = this.#refusal(reserve, order?.broken ?? false)
      if (refusal) return refuse(refusal)
      const said = this.#echo.add(update)
      const reject = (error: Error) => {
        this.#echo.undo(said)
        refuse(error)
      }
      const kind = batch.count > 0 ? blockKinds.events : blockKinds.position
      const { settings, encrypted } = this.#parts
      const block: PendingBlock = { batch, update: said, kind, encrypted, reserve, order, resolve, reject }
      if (settings.current.compression === 'zstd') block.packing = pack(block)
      this.#queue.add(block, SegmentWriter.lengthOf(block))
    })
  }

  #refusal(reserve: boolean, broken: boolean): AffiantError | undefined {
    if (this.closed) return new AffiantError('journal_closed', 'the journal is closed')
    const { pressure } = this
    if (pressure && !(reserve && pressure.reason === 'full')) return pressureError(pressure)
    if (!reserve && this.#queue.pendingBytes >= queueBytes) {
      return new AffiantError('journal_unavailable', `${queueBytes} bytes wait for the disk already`)
    }
    return broken ? outOfOrder() : undefined
  }

  async waitForRoom(signal: AbortSignal): Promise<void> {
    while (this.pressure || this.#queue.pendingBytes >= queueBytes) {
      if (this.closed) throw new AffiantError('journal_closed', 'the journal is closed')
      await this.#parts.room.wait(signal)
    }
  }

  liveStreams(): readonly LiveStream[] {
    return this.#parts.streams.list()
  }

  forgetStream(stream: string): void {
    this.#parts.streams.forget(stream)
    this.#echo.forget(stream)
  }

  memos(): AsyncIterable<SegmentMemos> {
    return readMemos(this.fs, this.segments)
  }

  read(seq: number): JournalReader {
    return new BlockReader(this, seq)
  }

  async cursor(
    name: string,
    { start, required }: { start: 'earliest' | 'head'; required: boolean },
  ): Promise<Cursor> {
    const { cursors, segments } = this.#parts
    return await cursors.open(name, start === 'head' ? this.durableSeq : segments.firstSeq, required)
  }

  leaveCursor(name: string): void {
    this.#parts.cursors.leave(name)
  }

  async forgetCursor(name: string): Promise<ForgottenCursor | null> {
    const forgotten = await this.#parts.cursors.forget(name)
    if (forgotten !== null) this.cursorMoved()
    return forgotten
  }

  async useRoutes(table: string, at?: RouteSwitch): Promise<void> {
    const { fs, dataDir, writer } = this.#parts
    const kept = await keepRouteTable(fs, dataDir, table)
    const switched = this.#inTurn(async () => {
      at?.committed()
      await writer.useRoutes(kept)
    })
    if (!this.closed) at?.appended()
    await switched
  }

  async useSettings(next: JournalSettings): Promise<void> {
    const { fs, dataDir, settings, writer, log } = this.#parts
    const { encryption: _one, ...before }: JournalConfig = settings.current
    const { encryption: _other, ...after }: JournalConfig = next
    if (isDeepStrictEqual(before, after)) return
    const volume = await fs.volume(dataDir).catch(() => undefined)
    await this.#inTurn(async () => {
      settings.use(after, volume?.bytes)
      // What cannot be let go now is tried again twice a second.
      await writer
        .resettle()
        .catch((err: unknown) => log.warn({ err }, 'journal: retention failed; trying again'))
    })
  }

  stats(): JournalStats {
    const { writer, segments, settings } = this.#parts
    return {
      bytes: writer.bytes,
      maxBytes: settings.sizes.max,
      segments: segments.count,
      firstSeq: segments.firstSeq,
      nextSeq: writer.durableSeq,
      commits: writer.commits,
      syncMilliseconds: writer.syncMilliseconds,
    }
  }

  async damaged(damage: FoundDamage): Promise<void> {
    await this.#damage.report(damage)
  }

  /** Commits what was appended, writes cursors, and frees the data directory. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { cursors, writer, lock, committed, room, log } = this.#parts
    try {
      this.#stop.abort()
      await this.#queue.drained()
      await this.#maintenance
      await writer.close(sealBlock(this.#parts.encrypted))
      await cursors.flush()
      if (!this.pressure) await this.#damage.note()
    } catch (error) {
      // Nothing acknowledged depends on it: the next start recovers as after a kill.
      log.error({ err: error }, 'journal: not closed in good order')
    } finally {
      lock.release()
      committed.wake()
      room.wake()
    }
  }

  async #commit(group: readonly Turn[]): Promise<void> {
    this.#committingSince = this.#parts.clock.monotonic()
    try {
      await this.#commitTurns(group)
    } finally {
      this.#committingSince = null
    }
    if (!this.pressure) this.#parts.room.wake()
  }

  async #commitTurns(group: readonly Turn[]): Promise<void> {
    let blocks: PendingBlock[] = []
    for (const turn of group) {
      if (turn.kind !== 'task') {
        blocks.push(turn)
        continue
      }
      await this.#commitPacked(blocks)
      blocks = []
      await turn.run()
    }
    await this.#commitPacked(blocks)
  }

  /** Mostly their turn comes after they have been compressed: that goes on while the group before is synced. */
  async #commitPacked(blocks: readonly PendingBlock[]): Promise<void> {
    for (const { packing } of blocks) if (packing) await packing
    await this.#parts.writer.commit(blocks)
  }

  /** Runs `task` after what was appended before, and before what comes later. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    if (this.closed) return Promise.reject(new AffiantError('journal_closed', 'the journal is closed'))
    return new Promise((resolve, reject) => {
      this.#queue.add({ kind: 'task', run: () => task().then(resolve, reject) }, 0)
    })
  }

  /** Some cursor moved: a full journal may have room. */
  cursorMoved(): void {
    if (this.pressure?.reason !== 'full') return
    this.#parts.writer.reconsider().catch((error: unknown) => {
      this.#parts.log.warn({ err: error }, 'journal: retention failed; trying again')
    })
  }
}
