/** Plans of the run before, as cuts that this one goes by. */
import type { BatchPlan } from '../sinks/sink.ts'
import type { KeptPlan } from './kept-plans.ts'
import type { PlanBodies } from './plan-bodies.ts'
import { type PlanRecord, remainder, seqsOf, spansOf } from './plan-record.ts'
import type { PlannedCut } from './planned-cut.ts'

/**
 * One that the destination has in part is two: what it has, and the rest. `type`: a plan of another type of sink only says
 * which events were together.
 */
export async function foundCuts(
  { record, done, taken }: KeptPlan,
  type: string,
  bodies: Pick<PlanBodies, 'planOf'>,
): Promise<PlannedCut[]> {
  const planned = !done && record.type === type
  if (taken.length === 0 || done) {
    const plan = planned ? await bodies.planOf(record) : undefined
    const bare = planned && plan === undefined ? record.detail : undefined
    return [{ ...cutOf(record, done, plan), ...(bare !== undefined && { bare }) }]
  }
  const rest = remainder(spansOf(record), taken)
  // The bytes are those of the whole.
  const plan = planned && record.body === undefined ? await bodies.planOf(record) : undefined
  return [
    cutOf({ ...record, ...seqsOf(taken), last: taken.at(-1)!.to - 1 }, true, undefined),
    ...(rest.length === 0
      ? []
      : [cutOf({ ...record, ...seqsOf(rest), last: rest.at(-1)!.to - 1 }, false, plan)]),
  ]
}

function cutOf(record: PlanRecord, done: boolean, plan: BatchPlan | undefined): PlannedCut {
  const { plan: id, epoch, partition, runs, first, last } = record
  return { id, epoch, partition, runs, firstSeq: first, lastSeq: last, done, plan }
}
