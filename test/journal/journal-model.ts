/** The journal beside a plain model of it in memory: maps of what was acknowledged, seen and settled. */
import { expect } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { StreamPosition } from '../../src/event/batch.ts'
import type { Cursor, Journal } from '../../src/journal/contract.ts'
import { CrashFileSystem } from './crash-file-system.ts'
import { batchOf, drain, open, smallConfig, stream } from './journal-directory.ts'
import { files, type Lines, type Step } from './journal-script.ts'

/** Maintenance comes soon. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 2), signal) }
const small = { segment_size: '64KiB', max_size: '1GiB', keep: '0ms' }

interface Range {
  readonly firstSeq: number
  readonly lastSeq: number
}

/** A small generator of its own, so that one number stands for all choices of one power cut. */
function coin(seed: number): () => boolean {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state > 0x7fff_ffff
  }
}

/** Positions with everything that they can have, told by the number of lines alone. */
const positionAt = (lines: number): StreamPosition => ({
  offset: lines,
  ranges: Array.from({ length: lines % 3 }, (_, i) => [lines + 2 * i + 1, lines + 2 * i + 2] as const),
  ...(lines % 2 === 1 && {
    check: { length: Math.min(lines, 256), crc: lines * 7, from: lines - 1, sum: lines * 11 },
  }),
})

export class JournalModel {
  readonly disk = new CrashFileSystem()
  /** Text by seq, of all that was acknowledged or seen. */
  readonly #seen = new Map<number, string>()
  readonly #damaged: Range[] = []
  /** How often each file was replaced by another. */
  readonly #generations = new Map<number, number>()
  #flipped = false
  #faulty = false
  #settled = 0
  #journal!: Journal
  #cursor!: Cursor
  readonly #settings: (start: number) => Record<string, unknown>
  #starts = 0

  /** @param settings of `journal:`, which may differ from start to start */
  constructor(settings: (start: number) => Record<string, unknown> = () => ({})) {
    this.#settings = settings
  }

  async run(script: readonly Step[]): Promise<void> {
    await this.#start()
    for (const step of script) await this.#step(step)
    await this.#check()
    await this.#journal[Symbol.asyncDispose]()
  }

  async #step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'append': {
        const reading = step.beside === null ? null : this.#readBeside(step.beside)
        await this.#append(step.batches)
        await reading
        return
      }
      case 'fault':
        return await this.#fault(step)
      case 'settle':
        this.#settled = Math.max(this.#settled, Math.floor(step.share * this.#journal.durableSeq))
        return this.#cursor.settle(this.#settled)
      case 'forget': {
        this.#journal.forgetStream(this.#streamOf(step.file))
        this.#generations.set(step.file, (this.#generations.get(step.file) ?? 0) + 1)
        return await this.#openStreams()
      }
      case 'cut':
        this.disk.powerFor = step.after
        await this.#append(step.batches)
        await this.#cut(this.#journal, step.keeps)
        if (step.again !== null) await this.#cutRecovery(step.again, step.keeps)
        break
      case 'flip':
        await this.#journal[Symbol.asyncDispose]()
        this.#flip(step)
        break
      case 'restart':
        await this.#journal[Symbol.asyncDispose]()
    }
    await this.#start()
  }

  #open(): Promise<Journal> {
    return open('/data', {
      fs: this.disk,
      config: smallConfig({ ...small, ...this.#settings(this.#starts++) }),
      clock: hurried,
      lock: async () => ({ release: () => {} }),
      cacheBytes: 4096,
      events: { damaged: (range) => this.#damaged.push(range) },
    })
  }

  async #start(): Promise<void> {
    this.#journal = await this.#open()
    this.#damaged.push(...this.#journal.recovery.damaged)
    this.#cursor = await this.#journal.cursor('sink', { start: 'earliest', required: true })
    const { firstSeq } = this.#journal.stats()
    if (!this.#faulty && !this.#flipped)
      expect(this.#cursor.settled, 'the cursor is behind what is kept').toBeGreaterThanOrEqual(firstSeq)
    await this.#check()
    await this.#openStreams()
  }

  #streamOf(file: number): string {
    return stream(file + 16 * (this.#generations.get(file) ?? 0))
  }

  /** As a receiver does: forgets streams whose files are gone, opens those of new files. */
  async #openStreams(): Promise<void> {
    const known = new Set(this.#journal.liveStreams().map((live) => live.stream))
    const mine = files.map((file) => this.#streamOf(file))
    for (const each of known) if (!mine.includes(each)) this.#journal.forgetStream(each)
    for (const id of mine) {
      if (known.has(id)) continue
      const update = { stream: id, descriptor: Buffer.from(`file ${id}`), position: positionAt(0) }
      await this.#journal.append(batchOf([]), update)
    }
  }

  /** Reads on in the files from where the journal says. Ends when everything is acknowledged or refused. */
  async #append(all: readonly Lines[]): Promise<void> {
    const next = new Map(this.#journal.liveStreams().map((live) => [live.stream, live.position.offset]))
    const orders = new Map(files.map((file) => [file, { broken: false }]))
    const appended = all.map(async ({ file, count, width }) => {
      const id = this.#streamOf(file)
      const from = next.get(id) ?? 0
      next.set(id, from + count)
      const texts = Array.from(
        { length: count },
        (_, i) => `${id}:${from + i} of ${from}+${count} ${'x'.repeat(width)}`,
      )
      const update = { stream: id, position: positionAt(from + count) }
      const order = orders.get(file)!
      const commit = await this.#journal.append(batchOf(texts), update, { order })
      for (const [i, text] of texts.entries()) this.#see(commit.firstSeq + i, text)
    })
    await Promise.allSettled(appended)
  }

  async #fault({ batches, operation, code, after, times }: Extract<Step, { kind: 'fault' }>): Promise<void> {
    this.#faulty = true
    let calls = 0
    this.disk.fails = (each) => {
      if (each !== operation) return null
      calls++
      return calls > after && calls <= after + times ? Object.assign(new Error(code), { code }) : null
    }
    await this.#append(batches)
    this.disk.fails = () => null
    await this.#journal.waitForRoom(AbortSignal.timeout(10_000))
    await this.#check()
  }

  /** A reader that is under way while others append. */
  async #readBeside(from: number): Promise<void> {
    await using reader = this.#journal.read(from % (this.#journal.durableSeq + 1))
    for (let turn = 0; turn < 20; turn++) {
      for (const [seq, text] of await drain(reader)) this.#see(seq, text)
      await Promise.resolve()
    }
  }

  #see(seq: number, text: string): void {
    const before = this.#seen.get(seq)
    if (before !== undefined) expect(text).toBe(before)
    this.#seen.set(seq, text)
  }

  async #check(): Promise<void> {
    const { firstSeq } = this.#journal.stats()
    const isDamaged = (seq: number) =>
      this.#damaged.some((range) => range.firstSeq <= seq && seq <= range.lastSeq)
    for (let seq = this.#settled; seq < firstSeq; seq++) {
      expect(isDamaged(seq), `seq ${seq} is gone, not settled and not reported`).toBe(true)
    }
    await using reader = this.#journal.read(0)
    const events = await drain(reader)
    const seqs = events.map(([seq]) => seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
    for (const [seq, text] of events) this.#see(seq, text)
    const present = new Set(seqs)
    const missing = [...this.#seen.keys()].filter(
      (seq) => seq >= firstSeq && !present.has(seq) && !isDamaged(seq),
    )
    expect(missing, 'acknowledged and not there').toEqual([])
    // Dense but for damage.
    for (let seq = firstSeq; seq < this.#journal.durableSeq; seq++) {
      if (!present.has(seq)) expect(isDamaged(seq), `seq ${seq} is neither there nor reported`).toBe(true)
    }
    const texts = [...this.#seen].sort(([a], [b]) => a - b).map(([, text]) => text)
    // A damaged block may have held a stream's position: what was in it is read again.
    if (!this.#flipped) this.#checkLines(texts)
    else this.#checkPositions(texts)
  }

  /** @param texts all that ever was in the journal, expired or not */
  #checkLines(texts: readonly string[]): void {
    const positions = new Map(this.#journal.liveStreams().map((live) => [live.stream, live]))
    const streams = new Set(texts.map((text) => text.slice(0, 32)))
    const current = files.map((file) => this.#streamOf(file))
    for (const id of new Set([...streams, ...current])) {
      const mine = texts.filter((text) => text.startsWith(id)).map((text) => text.split(/[: +]/))
      const numbers = mine.map((parts) => Number(parts[1]))
      expect(new Set(numbers).size, 'a line is there twice').toBe(numbers.length)
      expect(numbers).toEqual(numbers.map((_, i) => i))
      for (const [, number, , from, count] of mine) {
        // Batches are whole: the last line of each is there too.
        expect(numbers.length, `half a batch at ${number}`).toBeGreaterThanOrEqual(
          Number(from) + Number(count),
        )
      }
      if (!current.includes(id)) continue
      const live = positions.get(id)
      if (live) {
        const { offset, ranges, check } = positionAt(numbers.length)
        expect(live.position).toEqual({ offset, ranges, ...(check && { check }) })
        expect(Buffer.from(live.descriptor).toString()).toBe(`file ${id}`)
      } else {
        expect(numbers, 'a stream that was forgotten has lines').toEqual([])
      }
    }
  }

  /** Whatever was damaged: no position is ahead of what was committed, so that no line is skipped. */
  #checkPositions(texts: readonly string[]): void {
    for (const { stream: id, position } of this.#journal.liveStreams()) {
      const numbers = texts.filter((text) => text.startsWith(id)).map((text) => Number(text.split(/[: ]/)[1]))
      expect(position.offset, 'a position ahead of its lines').toBeLessThanOrEqual(
        Math.max(-1, ...numbers) + 1,
      )
    }
  }

  async #cut(journal: Journal, keeps: number): Promise<void> {
    this.disk.powerFor = 0
    await journal[Symbol.asyncDispose]()
    this.disk.restart(coin(keeps))
  }

  async #cutRecovery(after: number, keeps: number): Promise<void> {
    this.disk.powerFor = after
    try {
      const journal = await this.#open()
      await this.#cut(journal, keeps)
    } catch (error) {
      expect(error).toMatchObject({ code: 'data_dir_unusable' })
      this.disk.restart(coin(keeps + 1))
    }
  }

  #flip({ segment, offset, bit }: Extract<Step, { kind: 'flip' }>): void {
    const segments = this.disk.files('.seg')
    const { path, bytes } = segments[segment % segments.length]!
    this.#flipped = true
    this.disk.flip(path, offset % bytes.byteLength, 1 << bit)
  }
}
