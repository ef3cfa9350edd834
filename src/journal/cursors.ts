/** Every sink's cursor: in memory while the agent runs, on disk at most a second behind. */
import type { Clock } from '../clock.ts'
import type { Cursor } from './contract.ts'
import { type CursorContent, writeCursor } from './cursor-file.ts'
import { type ForgottenCursor, forgetCursor } from './forget-cursor.ts'
import type { FileSystem } from './fs-port.ts'
import { reasonOf } from './pressure.ts'

const historyLength = 64
/** Settlements closer together than this share an entry, so that the history reaches further back. Milliseconds. */
const historyGrain = 100

class OpenCursor implements Cursor {
  readonly name: string
  required: boolean
  dirty = false
  durable: number
  #settled: number
  #history: (readonly [number, number])[]
  readonly #clock: Clock
  readonly #moved: () => void

  constructor(content: CursorContent, clock: Clock, moved: () => void) {
    this.name = content.name
    this.required = content.required
    this.durable = content.settled
    this.#settled = content.settled
    this.#history = [...content.history]
    this.#clock = clock
    this.#moved = moved
  }

  get settled(): number {
    return this.#settled
  }

  get history(): readonly (readonly [number, number])[] {
    return this.#history
  }

  settle(seq: number): void {
    if (seq <= this.#settled) return
    this.#settled = seq
    const now = this.#clock.now()
    const before = this.#history.at(-2)
    if (before && now - before[1] < historyGrain) this.#history.pop()
    this.#history.push([seq, now])
    if (this.#history.length > historyLength) this.#history.shift()
    this.dirty = true
    this.#moved()
  }

  /** Over what is gone: that is no settlement, so the history doesn't show it. */
  skipTo(seq: number): void {
    if (seq <= this.#settled) return
    this.#settled = seq
    this.dirty = true
  }
}

export class Cursors {
  readonly #fs: FileSystem
  readonly #dataDir: string
  readonly #epoch: number
  readonly #clock: Clock
  readonly #moved: () => void
  /** Those of sinks that are not configured any more too: they stay until they are forgotten. */
  readonly #cursors = new Map<string, OpenCursor>()
  readonly #opened = new Set<string>()
  #flushing: Promise<void> = Promise.resolve()

  constructor(options: {
    readonly fs: FileSystem
    readonly dataDir: string
    readonly epoch: number
    readonly clock: Clock
    readonly found: readonly CursorContent[]
    /** Names whose files say nothing: their sinks get again all that is kept, from this seq on. */
    readonly damaged: { readonly names: readonly string[]; readonly from: number }
    /** Some cursor moved forward. */
    readonly moved: () => void
  }) {
    this.#fs = options.fs
    this.#dataDir = options.dataDir
    this.#epoch = options.epoch
    this.#clock = options.clock
    this.#moved = options.moved
    for (const content of options.found) {
      if (content.epoch === this.#epoch) this.#cursors.set(content.name, this.#track(content))
    }
    for (const name of options.damaged.names) this.#begin(name, options.damaged.from, true)
  }

  #track(content: CursorContent): OpenCursor {
    return new OpenCursor(content, this.#clock, this.#moved)
  }

  #begin(name: string, settled: number, required: boolean): OpenCursor {
    const cursor = this.#track({ name, epoch: this.#epoch, settled, required, history: [] })
    cursor.dirty = true
    this.#cursors.set(name, cursor)
    return cursor
  }

  /** Durable before this resolves: a sink that comes later must find where it began. */
  async open(name: string, start: number, required: boolean): Promise<Cursor> {
    let cursor = this.#cursors.get(name)
    if (!cursor) {
      cursor = this.#begin(name, start, required)
    }
    if (cursor.required !== required) {
      cursor.required = required
      cursor.dirty = true
    }
    this.#opened.add(name)
    // A full disk is pressure, and the flush is tried again every second.
    await this.flush().catch(unlessFull)
    return cursor
  }

  /** Nobody moves it from now on. */
  leave(name: string): void {
    this.#opened.delete(name)
  }

  /** Only once it was left. Null where there is none. */
  async forget(name: string): Promise<ForgottenCursor | null> {
    if (this.#opened.has(name)) throw new Error(`the cursor ${name} is in use`)
    // Nothing may write it again meanwhile.
    const forgetting = this.#flushing
      .catch(() => {})
      .then(async () => {
        const forgotten = await forgetCursor(this.#fs, this.#dataDir, name, this.#clock.now())
        this.#cursors.delete(name)
        return forgotten
      })
    this.#flushing = forgetting.then(
      () => {},
      () => {},
    )
    return await forgetting
  }

  /** Below this, no required sink needs anything; infinite without required sinks. */
  requiredFrom(): number {
    const required = [...this.#cursors.values()].filter((cursor) => cursor.required)
    return required.reduce((least, cursor) => Math.min(least, cursor.settled), Number.POSITIVE_INFINITY)
  }

  /** The cursor that holds most back, for messages. */
  slowest(): { readonly name: string; readonly settled: number; readonly configured: boolean } | null {
    const needed = this.requiredFrom()
    const cursor = [...this.#cursors.values()].find((each) => each.required && each.settled === needed)
    return cursor
      ? { name: cursor.name, settled: cursor.settled, configured: this.#opened.has(cursor.name) }
      : null
  }

  /** Moves every cursor that is below `seq` up to it, and says which and from where. */
  expire(seq: number): { readonly name: string; readonly required: boolean; readonly firstSeq: number }[] {
    const behind = [...this.#cursors.values()].filter((cursor) => cursor.settled < seq)
    return behind.map((cursor) => {
      const firstSeq = cursor.settled
      cursor.skipTo(seq)
      return { name: cursor.name, required: cursor.required, firstSeq }
    })
  }

  /** Writes what moved since the last time. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#write())
    return this.#flushing
  }

  async #write(): Promise<void> {
    for (const cursor of this.#cursors.values()) {
      if (!cursor.dirty) continue
      cursor.dirty = false
      const { name, settled, required, history } = cursor
      const content = { name, epoch: this.#epoch, settled, required, history: history.map(pair) }
      try {
        await writeCursor(this.#fs, this.#dataDir, content)
        cursor.durable = settled
      } catch (error) {
        cursor.dirty = true
        throw error
      }
    }
  }
}

function unlessFull(error: unknown): void {
  if (reasonOf(error) !== 'disk_full') throw error
}

const pair = ([settled, at]: readonly [number, number]): [number, number] => [settled, at]
