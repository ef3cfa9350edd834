/**
 * What one sink's batches were fixed to, on disk: `<directory>/log` (plan-file.ts) and, where a sink wants the same bytes in
 * every attempt, `<directory>/<id>.body` (plan-bodies.ts).
 *
 * Layout: lines `<crc32 of the JSON, 8 hex digits> <JSON>`, and newlines behind them. A line is a header (`{"plans":1}`), a
 * plan (`{"plan":7,…}`), what of it the destination has already (`{"taken":7,…}`), or its
 * end (`{"done":7,…}`), which says once more which events are in it.
 *
 * Invariants: a plan, and its body before it, is fdatasynced before `add` resolves, and only then is its batch sent for
 * the first time. An end, or what is taken, is written but not synced, with whatever else is written in the same turn of
 * the event loop, mostly the plan that takes its place: should it be lost, that is sent once more. Before a body goes its
 * end is synced. Plans below the cursor on disk are left out when the file is written anew (to a new name, synced,
 * renamed), so none is forgotten that a restart could still come by. A line whose checksum fails is passed over and said;
 * what it held is known from the plan's end, or from its body, all the same.
 */
import { crc32 } from 'node:zlib'
import type { BatchPlan, DeliveryBatch } from '../sinks/sink.ts'
import { foundCuts } from './found-cuts.ts'
import { KeptPlans } from './kept-plans.ts'
import { PlanBodies } from './plan-bodies.ts'
import { PlanFile } from './plan-file.ts'
import { decodeLine, encodeEnd, encodeLine, type PlanRecord, type Seqs } from './plan-record.ts'
import { type PlannedCut, runsOf } from './planned-cut.ts'

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

/** Opens the plans of one sink, and reads those of the run before. */
export async function openPlanLog(options: PlanLogOptions): Promise<PlanLog> {
  const log = new PlanLog(options)
  await log.read()
  return log
}

export class PlanLog implements AsyncDisposable {
  readonly #options: PlanLogOptions
  readonly #file: PlanFile
  readonly #bodies: PlanBodies
  readonly #kept: KeptPlans
  /** What an earlier run had fixed and the cursor on disk has not passed. */
  found: readonly PlannedCut[] = []
  #next = 1
  readonly #ends = new Set<Promise<void>>()

  constructor(options: PlanLogOptions) {
    this.#options = options
    const kept = new KeptPlans(options.durable)
    this.#kept = kept
    this.#bodies = new PlanBodies(options.directory, options.warn)
    this.#file = new PlanFile(options.directory, () => {
      kept.forget()
      return kept.lines()
    })
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
    this.#kept.add(record)
    try {
      await this.#file.append(encodeLine(record), true)
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
    if (!this.#kept.isOpen(id) || seqs.length === 0) return
    const more = { first: seqs[0]!, runs: runsOf(seqs) }
    this.#kept.take(id, more)
    await this.#file.append(encodeLine({ taken: id, ...more }), false)
  }

  /** Its batch is settled. Resolves once that is written: nothing that needs to be waited for. */
  async done(id: number): Promise<void> {
    const record = this.#kept.end(id)
    if (record === undefined) return
    const end = this.#end(record)
    this.#ends.add(end)
    try {
      await end
    } finally {
      this.#ends.delete(end)
    }
  }

  async #end(record: PlanRecord): Promise<void> {
    await this.#file.append(encodeEnd(record), record.body !== undefined)
    if (record.body !== undefined) await this.#bodies.remove(record.plan)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#ends)
    await this.#file[Symbol.asyncDispose]()
  }

  async read(): Promise<void> {
    const bodies = await this.#bodies.ids()
    const { damaged, taken } = await this.#readLines()
    for (const id of bodies) {
      const record = this.#kept.has(id) ? undefined : await this.#bodies.recordOf(id)
      if (record !== undefined) this.#kept.add(record)
    }
    for (const [id, seqs] of taken) this.#kept.take(id, seqs)
    for (const id of [...bodies, ...this.#kept.ids()]) this.#next = Math.max(this.#next, id + 1)
    this.#kept.forget()
    const found: PlannedCut[] = []
    for (const kept of this.#kept.plans()) {
      found.push(...(await foundCuts(kept, this.#options.type, this.#bodies)))
    }
    this.found = found
    for (const id of bodies) if (!this.#kept.isOpen(id)) await this.#bodies.remove(id)
    // What is left of two lines is two again. A disk that takes nothing now is asked again with the next plan.
    if (damaged) await this.#file.rewrite().catch(() => undefined)
  }

  /** `taken`: what is to be noted of plans once all are known, those that only their bodies tell of included. */
  async #readLines(): Promise<{ damaged: boolean; taken: readonly (readonly [number, Seqs])[] }> {
    const taken: [number, Seqs][] = []
    let damaged = false
    for (const line of await this.#file.lines()) {
      const record = decodeLine(line)
      if (record === undefined) {
        damaged = true
        this.#options.warn(`a line of ${this.#file.path} is damaged and passed over`)
      } else if ('plan' in record) this.#kept.add(record)
      else if ('taken' in record) taken.push([record.taken, record])
      else if ('done' in record) {
        const { done, ...cut } = record
        this.#kept.add({ ...cut, plan: done }, true)
      }
    }
    return { damaged, taken }
  }
}
