/** Fixes a batch before its first attempt: its events, and for some sinks every byte of what is sent. */
import { asError } from '../errors.ts'
import type { DeliveryBatch } from '../sinks/sink.ts'
import { laterDelay } from './backoff.ts'
import type { SenderOptions } from './consignment.ts'
import type { CutBatch } from './open-batch.ts'

export interface FixedBatch {
  readonly batch: DeliveryBatch
  /** What its plan is called; undefined where the sink has none. */
  readonly id: number | undefined
}

/** Resolves once the plan is durable; a disk that takes nothing is waited for. Rejects when the loop stops. */
export async function fix({ batch, planned }: CutBatch, options: SenderOptions): Promise<FixedBatch> {
  const { sink, plans, condition, clock, random, retry, patience } = options
  if (plans === undefined) return { batch, id: undefined }
  // What an earlier run had fixed stays as it was, unless its bytes are gone.
  if (planned !== undefined && (planned.plan !== undefined || sink.plan === undefined)) {
    return { batch: planned.plan === undefined ? batch : { ...batch, plan: planned.plan }, id: planned.id }
  }
  for (let attempt = 0; ; attempt++) {
    try {
      const plan = await sink.plan?.(batch, planned?.bare)
      const id = await plans.add(batch, plan)
      // The new plan has its place: the old one is over.
      if (planned !== undefined) await plans.done(planned.id).catch(() => undefined)
      condition.clear(batch)
      return { batch: plan === undefined ? batch : { ...batch, plan }, id }
    } catch (thrown) {
      condition.trouble(batch, 'retrying', `a batch cannot be planned: ${asError(thrown).message}`)
      options.waiting()
      await clock.sleep(laterDelay(attempt, retry, random), patience)
    }
  }
}
