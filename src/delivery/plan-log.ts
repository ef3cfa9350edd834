/**
 * What one sink's batches were fixed to, on disk: `<directory>/log` and, where a sink wants the same bytes in every
 * attempt, `<directory>/<id>.body` (plan-bodies.ts).
 *
 * Layout: lines `<crc32 of the JSON, 8 hex digits> <JSON>`, in a file that is filled with newlines ahead, since syncing
 * bytes that are there already is many times cheaper than growing a file. A line is a header (`{"plans":1}`), a plan
 * (`{"plan":7,…}`), what of it the destination has already (`{"taken":7,…}`), or its
 * end (`{"done":7,…}`), which says once more which events are in it.
 *
 * Invariants: a plan, and its body before it, is fdatasynced before `add` resolves, and only then is its batch sent for
 * the first time. An end, or what is taken, is written but not synced, with whatever else is written in the same turn of
 * the event loop, mostly the plan that takes its place: should it be lost, that is sent once more. Before a body goes its
 * end is synced. Plans below the cursor on disk are left out when the file is written anew (to a new name, synced,
 * renamed), so none is forgotten that a restart could still come by. A line whose checksum fails is passed over and said;
 * what it held is known from the plan's end, or from its body, all the same.
 */
import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { makeDirectory } from '../make-directory.ts'
import type { BatchPlan, DeliveryBatch } from '../sinks/sink.ts'
import { syncDirectory } from '../sync-directory.ts'
import { joined, type Span } from './bisect.ts'
import { PlanBodies } from './plan-bodies.ts'
import {
  decodeLine,
  encodeEnd,
  encodeLine,
  mergeRecords,
  type PlanRecord,
  remainder,
  type Seqs,
  seqsOf,
  spansOf,
} from './plan-record.ts'
import { type PlannedCut, runsOf } from './planned-cut.ts'

/** Bytes that are laid out ahead. */
const AHEAD = 1024 ** 2
/** So many ended plans are worth merging. */
const MERGED = 100
const HEADER = encodeLine({ plans: 1 })

export interface PlanLogOptions {
  /** `data_dir/plans/<sink>`; made when the first plan comes. */
  readonly directory: string
  /** A plan of another type of sink only says which events were together. */
  readonly type: string
  /** The cursor as it is on disk: what lies below is settled for good. */
  readonly durable: () => number
  /** Something on disk could not be read. */
  readonly warn: (message: string) => void
}

interface Kept {
  readonly record: PlanRecord
  done: boolean
  /** Seqs that the destination has of it. */
  taken: readonly Span[]
}

/** Opens the plans of one sink, and reads those of the run before. */
export async function openPlanLog(options: PlanLogOptions): Promise<PlanLog> {
  const log = new PlanLog(options)
  await log.read()
  return log
}

export class PlanLog implements AsyncDisposable {
  readonly #options: PlanLogOptions
  readonly #bodies: PlanBodies
  readonly #kept = new Map<number, Kept>()
  /** What an earlier run had fixed and the cursor on disk has not passed. */
  found: readonly PlannedCut[] = []
  #next = 1
  #file: { readonly handle: FileHandle; at: number; readonly end: number } | undefined
  /** Lines that wait for the disk, and who waits with them. */
  #pending: string[] = []
  /** One of them must be durable. */
  #durable = false
  #writing: Promise<void> = Promise.resolve()
  #round: Promise<void> | undefined
  readonly #ends = new Set<Promise<void>>()

  constructor(options: PlanLogOptions) {
    this.#options = options
    this.#bodies = new PlanBodies(options.directory, options.warn)
  }

  /** Fixes a batch. Resolves, with what it is called from now on, once that is durable. */
  async add(batch: DeliveryBatch, plan: BatchPlan | undefined): Promise<number> {
    const id = this.#next++
    const { epoch, partition, seqs, firstSeq, lastSeq } = batch
    const body = plan?.body
    const record: PlanRecord = {
      plan: id,
      type: this.#options.type,
      epoch,
      partition,
      first: firstSeq,
      last: lastSeq,
      runs: runsOf(seqs),
      ...(plan !== undefined && { detail: plan.detail }),
      ...(body !== undefined && { body: { bytes: body.length, crc32: crc32(body) } }),
    }
    if (body !== undefined) await this.#bodies.write(record, body)
    this.#kept.set(id, { record, done: false, taken: [] })
    try {
      await this.#append(encodeLine(record), true)
    } catch (error) {
      this.#kept.delete(id)
      // The batch is planned anew, under another name.
      if (body !== undefined) await this.#bodies.remove(id)
      throw error
    }
    return id
  }

  /** The destination has these of its events. */
  async taken(id: number, seqs: Float64Array): Promise<void> {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.done || seqs.length === 0) return
    const more = { first: seqs[0]!, runs: runsOf(seqs) }
    take(kept, more)
    await this.#append(encodeLine({ taken: id, ...more }), false)
  }

  /** Its batch is settled. Resolves once that is written: nothing that needs to be waited for. */
  async done(id: number): Promise<void> {
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.done) return
    kept.done = true
    const end = this.#end(id, kept)
    this.#ends.add(end)
    try {
      await end
    } finally {
      this.#ends.delete(end)
    }
  }

  async #end(id: number, { record }: Kept): Promise<void> {
    await this.#append(encodeEnd(record), record.body !== undefined)
    if (record.body !== undefined) await this.#bodies.remove(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.#writing, ...this.#ends])
    await this.#file?.handle.close()
    this.#file = undefined
  }

  async read(): Promise<void> {
    const { directory, warn } = this.#options
    const bodies = await this.#bodies.ids().catch(unlessMissing)
    if (bodies === undefined) return
    const text = (await readFile(join(directory, 'log'), 'utf8').catch(unlessMissing)) ?? ''
    const taken: [number, Seqs][] = []
    let damaged = false
    for (const line of text.split('\n')) {
      if (line === '') continue
      const record = decodeLine(line)
      if (record === undefined) {
        damaged = true
        warn(`a line of ${join(directory, 'log')} is damaged and passed over`)
      } else if ('plan' in record) this.#kept.set(record.plan, { record, done: false, taken: [] })
      else if ('taken' in record) taken.push([record.taken, record])
      else if ('done' in record) {
        const { done, ...cut } = record
        this.#kept.set(done, { record: { ...cut, plan: done }, done: true, taken: [] })
      }
    }
    for (const id of bodies) {
      const record = this.#kept.has(id) ? undefined : await this.#bodies.recordOf(id)
      if (record !== undefined) this.#kept.set(id, { record, done: false, taken: [] })
    }
    for (const [id, seqs] of taken) {
      const kept = this.#kept.get(id)
      if (kept !== undefined) take(kept, seqs)
    }
    for (const id of [...bodies, ...this.#kept.keys()]) this.#next = Math.max(this.#next, id + 1)
    this.#forget()
    const found: PlannedCut[] = []
    for (const kept of this.#kept.values()) found.push(...(await this.#cutsOf(kept)))
    this.found = found
    for (const id of bodies) if (this.#kept.get(id)?.done ?? true) await this.#bodies.remove(id)
    // What is left of two lines is two again. A disk that takes nothing now is asked again with the next plan.
    if (damaged) await this.#rewrite().catch(() => undefined)
  }

  /** One that the destination has in part is two: what it has, and the rest. */
  async #cutsOf({ record, done, taken }: Kept): Promise<PlannedCut[]> {
    const planned = !done && record.type === this.#options.type
    if (taken.length === 0 || done) {
      const plan = planned ? await this.#bodies.planOf(record) : undefined
      const bare = planned && plan === undefined ? record.detail : undefined
      return [{ ...cutOf(record, done, plan), ...(bare !== undefined && { bare }) }]
    }
    const rest = remainder(spansOf(record), taken)
    // The bytes are those of the whole.
    const plan = planned && record.body === undefined ? await this.#bodies.planOf(record) : undefined
    return [
      cutOf({ ...record, ...seqsOf(taken), last: taken.at(-1)!.to - 1 }, true, undefined),
      ...(rest.length === 0
        ? []
        : [cutOf({ ...record, ...seqsOf(rest), last: rest.at(-1)!.to - 1 }, false, plan)]),
    ]
  }

  /** What the cursor on disk has passed is settled for good; of the rest, only which events have gone is of use. */
  #forget(): void {
    const durable = this.#options.durable()
    for (const [id, { record }] of this.#kept) if (record.last < durable) this.#kept.delete(id)
    const done = [...this.#kept.values()].filter((kept) => kept.done).map(({ record }) => record)
    if (done.length < MERGED) return
    for (const { plan } of done) this.#kept.delete(plan)
    for (const record of mergeRecords(done)) this.#kept.set(record.plan, { record, done: true, taken: [] })
  }

  /**
   * Resolves once the line is written, and durable if it must be. Those who come while a write is under way, or in the same turn
   * of the event loop, share the next.
   */
  #append(line: string, durable: boolean): Promise<void> {
    this.#pending.push(line)
    this.#durable ||= durable
    this.#round ??= this.#writing
      .catch(() => undefined)
      .then(endOfTurn)
      .then(() => {
        this.#round = undefined
        return this.#flush()
      })
    const round = this.#round
    this.#writing = round
    return round
  }

  async #flush(): Promise<void> {
    const lines = this.#pending
    const durable = this.#durable
    this.#pending = []
    this.#durable = false
    if (lines.length === 0) return
    const bytes = Buffer.from(lines.join(''))
    const file = this.#file
    if (file === undefined || file.at + bytes.length > file.end) {
      // All that counts is in `kept`, these lines included.
      await this.#rewrite()
      return
    }
    try {
      await writeAll(file.handle, bytes, file.at)
      if (durable) await file.handle.datasync()
      file.at += bytes.length
    } catch (error) {
      // What of it is on the disk is not known: the next attempt writes everything anew.
      await file.handle.close().catch(() => undefined)
      this.#file = undefined
      throw error
    }
  }

  async #rewrite(): Promise<void> {
    const { directory } = this.#options
    this.#forget()
    await this.#file?.handle.close()
    this.#file = undefined
    await makeDirectory(directory)
    const lines = [HEADER]
    for (const [id, { record, done, taken }] of this.#kept) {
      // Twice, what has no body: one line may be lost.
      if (done) lines.push(encodeEnd(record), encodeEnd(record))
      else lines.push(encodeLine(record))
      if (!done && taken.length > 0) lines.push(encodeLine({ taken: id, ...seqsOf(taken) }))
    }
    const content = Buffer.from(lines.join(''))
    const path = join(directory, 'log')
    const handle = await open(`${path}.new`, 'w', 0o600)
    try {
      await writeAll(handle, Buffer.concat([content, Buffer.alloc(AHEAD, '\n')]), 0)
      await handle.sync()
      await rename(`${path}.new`, path)
      await syncDirectory(directory)
      // `makeDirectory` may have made `plans/` as well.
      for (const up of ['..', '../..']) await syncDirectory(join(directory, up))
    } catch (error) {
      await handle.close().catch(() => undefined)
      throw error
    }
    this.#file = { handle, at: content.length, end: content.length + AHEAD }
  }
}

const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

function cutOf(record: PlanRecord, done: boolean, plan: BatchPlan | undefined): PlannedCut {
  const { plan: id, epoch, partition, runs, first, last } = record
  return { id, epoch, partition, runs, firstSeq: first, lastSeq: last, done, plan }
}

function take(kept: Kept, more: Seqs): void {
  kept.taken = joined([...kept.taken, ...spansOf(more)])
}

/** A nearly full disk takes part of a write, and says so only by the count. */
async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written, at + written)).bytesWritten
  }
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
