/** What is fixed of an object before it is first sent: where it goes, and what it must be. */
import { z } from 'zod'
import type { BatchPlan, DeliveryBatch } from '../sink.ts'
import type { S3SinkConfig } from './config.ts'
import { crc32cOf, createBodyEncoder, encodingAs, fileTypeOf, sha256Of } from './encode.ts'
import { keyOf, LONGEST_KEY } from './key.ts'
import { patternOf } from './partition.ts'

const content = {
  size: z.int().min(0),
  /** Of the body, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** What the server is to check, in base64. */
  checksum: z.strictObject({ algorithm: z.enum(['crc32c', 'sha256']), value: z.string() }),
}

const objectPlan = z.strictObject({
  bucket: z.string(),
  key: z.string(),
  ...content,
  /** Of an earlier plan, whose bytes are gone: they may be there. */
  former: z.strictObject(content).exactOptional(),
  content_type: z.string(),
  events: z.int(),
  lock: z
    .strictObject({
      mode: z.enum(['governance', 'compliance']).exactOptional(),
      /** RFC 3339. */
      until: z.string().exactOptional(),
      legal_hold: z.boolean(),
    })
    .exactOptional(),
})

export type ObjectPlan = z.output<typeof objectPlan>

export interface PlannedObject {
  readonly detail: ObjectPlan
  readonly body: Buffer
}

/**
 * @param now unix milliseconds: retention counts from here, in every attempt
 * @param before a plan of this batch whose bytes are gone: its object may be there, and is the same one
 */
export async function planObject(
  batch: DeliveryBatch,
  config: S3SinkConfig,
  now: number,
  encode: () => Promise<Buffer>,
  before?: unknown,
): Promise<BatchPlan & PlannedObject> {
  const { checksum: algorithm, object_lock: lock } = config
  const former = objectPlan.safeParse(before).data
  const encoding = former === undefined ? config : encodingAs(config, former.content_type)
  const { extension, contentType } = fileTypeOf(encoding)
  const bucket = former?.bucket ?? config.bucket
  const key = former?.key ?? keyOf(patternOf(batch.partition), batch) + extension
  if (Buffer.byteLength(key) > LONGEST_KEY) throw new Error(`the name of its object is too long: ${key}`)
  const body = await (encoding === config ? encode() : encodeOnce(batch, encoding))
  const sha256 = sha256Of(body)
  const value = algorithm === 'crc32c' ? crc32cOf(body) : Buffer.from(sha256, 'hex').toString('base64')
  const detail: ObjectPlan = {
    bucket,
    key,
    size: body.length,
    sha256,
    checksum: { algorithm, value },
    content_type: contentType,
    events: batch.count,
    ...(former && former.sha256 !== sha256 && { former: contentOf(former) }),
    ...(lock && { lock: lockFrom(lock, now) }),
  }
  return { detail, body }
}

const contentOf = ({ size, sha256, checksum }: ObjectPlan) => ({ size, sha256, checksum })

async function encodeOnce(batch: DeliveryBatch, config: S3SinkConfig): Promise<Buffer> {
  const encoder = createBodyEncoder(config)
  try {
    return await encoder.encode(batch)
  } finally {
    await encoder.close()
  }
}

function lockFrom(
  { mode, retain, legal_hold }: NonNullable<S3SinkConfig['object_lock']>,
  now: number,
): NonNullable<ObjectPlan['lock']> {
  if (mode === undefined || retain === undefined) return { legal_hold }
  return { mode, until: new Date(now + retain).toISOString(), legal_hold }
}

/** Undefined when it is none of ours. */
export function readPlan({ detail, body }: BatchPlan): PlannedObject | undefined {
  const plan = objectPlan.safeParse(detail).data
  return plan === undefined || body === undefined ? undefined : { detail: plan, body }
}
