/** Whether the object that is there is the one that was planned: its bytes decide, as far as the server lets them be seen. */
import { createHash } from 'node:crypto'
import type { Outcome } from '../sink.ts'
import type { ObjectPlan, PlannedObject } from './plan.ts'

/** What HEAD says of an object. */
export interface StoredObject {
  readonly size: number | undefined
  /** As its writer says; undefined where it is none of ours. */
  readonly sha256: string | undefined
  /** Without its quotes. */
  readonly etag: string | undefined
}

export interface ObjectView {
  /** The server's own checksum of the whole object, in base64; undefined where it has none, or does not tell. */
  checksum(plan: ObjectPlan, signal: AbortSignal): Promise<string | undefined>
  /** SHA-256 of what is stored, in hex; undefined where it may not be read. */
  digest(plan: ObjectPlan, signal: AbortSignal): Promise<string | undefined>
}

/**
 * From what costs least to what costs most: the size; the server's checksum; an ETag that is the MD5 (where keys of a
 * KMS or parts are in play it is none); the bytes; and where those may not be read, what the writer said of them.
 */
export async function compare(
  { detail, body }: PlannedObject,
  there: StoredObject,
  view: ObjectView,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome = await compareWith(detail, body, there, view, signal)
  const { former } = detail
  if (outcome.kind === 'accepted' || former === undefined) return outcome
  const earlier = await compareWith({ ...detail, ...former }, undefined, there, view, signal)
  return earlier.kind === 'accepted' ? earlier : outcome
}

async function compareWith(
  plan: ObjectPlan,
  body: Buffer | undefined,
  there: StoredObject,
  view: ObjectView,
  signal: AbortSignal,
): Promise<Outcome> {
  const { size, sha256, etag } = there
  // Every store gives its objects an ETag; a page of a proxy has none, and says nothing of any object.
  if (size !== plan.size && etag === undefined && sha256 === undefined) return noStore(plan)
  if (size !== undefined && size !== plan.size) return another(plan, `${size} bytes, not ${plan.size}`)
  const checksum = await view.checksum(plan, signal)
  if (checksum !== undefined) {
    const { algorithm, value } = plan.checksum
    if (checksum === value) return { kind: 'accepted' }
    return another(plan, `its ${algorithm} is ${checksum}, not ${value}`)
  }
  if (body !== undefined && etag === createHash('md5').update(body).digest('hex')) return { kind: 'accepted' }
  const found = (await view.digest(plan, signal)) ?? sha256
  if (found === plan.sha256) return { kind: 'accepted' }
  return another(
    plan,
    found === undefined
      ? 'one that Affiant did not write, and that may not be read'
      : `its SHA-256 is ${found}, not ${plan.sha256}`,
  )
}

export const placeOf = ({ bucket, key }: ObjectPlan): string => `s3://${bucket}/${key}`

function another(plan: ObjectPlan, what: string): Outcome {
  return {
    kind: 'held',
    partition: true,
    reason: `another object is at ${placeOf(plan)}: ${what}. Nothing is overwritten: find out who wrote it, and move it away`,
  }
}

/** There is one, by the server's word, and nobody here may see whether it is ours. */
export function unseen(plan: ObjectPlan, status: number): Outcome {
  return {
    kind: 'held',
    partition: true,
    reason: `an object is at ${placeOf(plan)} already, and whether it is this one cannot be seen (HTTP ${status}): the sink needs s3:GetObject`,
  }
}

export const noStore = (plan: ObjectPlan): Outcome => ({
  kind: 'later',
  reason: `the answer about ${placeOf(plan)} has no ETag: it is none of an object store`,
})
