/**
 * A journal in memory that keeps the readers' contract: whole blocks, in seq order, only what is committed; and nobody
 * can use a block that was released without being noticed.
 */
import type { CommittedBlock, Cursor, Journal, JournalReader } from '../../src/journal/contract.ts'

export interface MemoryEvent {
  /** Canonical bytes. */
  readonly canonical: string
  readonly raw?: Uint8Array
  /** Bits of the matched routes, one word for each 32. @default [1] */
  readonly routes?: readonly number[]
}

export interface BlockOptions {
  readonly epoch?: number
  readonly routeTable?: string
  /** Unix milliseconds. @default 0 */
  readonly writtenTime?: number
}

export const origin = 'affiant/test/1'

export function blockOf(
  firstSeq: number,
  events: readonly MemoryEvent[],
  options: BlockOptions = {},
): CommittedBlock {
  const words = Math.max(1, ...events.map((event) => event.routes?.length ?? 1))
  const routes = new Uint32Array(events.length * words)
  for (const [index, event] of events.entries()) routes.set(event.routes ?? [1], index * words)
  const raw = events.map((event) => event.raw ?? new Uint8Array())
  return {
    epoch: options.epoch ?? 1,
    firstSeq,
    count: events.length,
    stream: '0'.repeat(32),
    payload: Buffer.from(events.map((event) => `${event.canonical}\n`).join('')),
    lengths: Uint32Array.from(events, (event) => Buffer.byteLength(event.canonical)),
    raw: Buffer.concat(raw),
    rawLengths: Uint32Array.from(raw, (bytes) => bytes.length),
    routes,
    routeWords: words,
    routeTable: options.routeTable ?? 'table',
    observedMin: 0,
    observedMax: 0,
    writtenTime: options.writtenTime ?? 0,
  }
}

export class MemoryJournal implements Pick<Journal, 'origin' | 'durableSeq' | 'read'> {
  readonly origin = origin
  durableSeq = 0
  /** How far readers have got. */
  furthest = 0
  /** Errors that the next reads throw, one each. */
  readonly readErrors: Error[] = []
  /** Errors that waiting for more ends in, one each. */
  readonly waitErrors: Error[] = []
  readonly #blocks: CommittedBlock[] = []
  readonly #waiting = new Set<() => void>()

  /** Commits one block; returns its first seq. */
  append(events: readonly MemoryEvent[], options: BlockOptions = {}): number {
    const firstSeq = this.durableSeq
    this.#blocks.push(blockOf(firstSeq, events, options))
    this.durableSeq += events.length
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
    return firstSeq
  }

  /** Commits `count` small events, `perBlock` in each block. */
  appendMany(count: number, perBlock = 100): void {
    for (let left = count; left > 0; left -= perBlock) {
      const base = this.durableSeq
      this.append(Array.from({ length: Math.min(perBlock, left) }, (_, index) => event(base + index)))
    }
  }

  /** What retention does. */
  expireBlocks(count: number): void {
    this.#blocks.splice(0, count)
  }

  read(seq: number): JournalReader {
    const blocks = this.#blocks
    const waiting = this.#waiting
    const errors = this.readErrors
    const { waitErrors } = this
    let position = seq
    const moved = () => {
      this.furthest = Math.max(this.furthest, position)
    }
    const following = () => blocks.find((block) => block.firstSeq + block.count > position)
    let handed: CommittedBlock | undefined
    return {
      get position() {
        return position
      },
      async next() {
        const error = errors.shift()
        if (error !== undefined) throw error
        const block = following()
        if (block === undefined) return null
        position = block.firstSeq + block.count
        moved()
        handed = { ...block, payload: Buffer.from(block.payload), raw: Buffer.from(block.raw) }
        return handed
      },
      release() {
        handed?.payload.fill('?')
        handed?.raw.fill('?')
      },
      async waitForMore(signal) {
        signal.throwIfAborted()
        const error = waitErrors.shift()
        if (error !== undefined) throw error
        if (following() !== undefined) return
        await new Promise<void>((resolve, reject) => {
          waiting.add(resolve)
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      },
      async [Symbol.asyncDispose]() {},
    }
  }
}

export class MemoryCursor implements Cursor {
  readonly name = 'test'
  settled: number
  readonly history: (readonly [settled: number, at: number])[] = []

  constructor(settled = 0) {
    this.settled = settled
  }

  get durable(): number {
    return this.settled
  }

  settle(seq: number): void {
    if (seq <= this.settled) return
    this.settled = seq
    this.history.push([seq, 0])
  }
}

/** A small canonical event that says its number. */
export function event(number: number, extra = ''): MemoryEvent {
  return { canonical: `{"action":"test.event","n":${number}${extra}}` }
}
