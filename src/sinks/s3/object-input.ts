/** What the store is told of an object, beside its bytes. */
import type { CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3'
import type { S3SinkConfig } from './config.ts'
import type { ObjectPlan } from './plan.ts'

/** Metadata of each object: who finds it by its name sees whether it is the same. */
export const SHA256 = 'affiant-sha256'
/** A date of retention that is nearer than this may have passed when it arrives. Milliseconds. */
const SOON = 15 * 60_000
const DAY = 86_400_000

const lockModes = { governance: 'GOVERNANCE', compliance: 'COMPLIANCE' } as const
const encryptions = { s3: 'AES256', kms: 'aws:kms' } as const

/** What both ways of writing an object have in common. */
export function objectInput(
  { bucket, key, content_type, sha256, events, lock }: ObjectPlan,
  { encryption, storage_class, tags, acl, object_lock }: S3SinkConfig,
  now: number,
): CreateMultipartUploadCommandInput & { Bucket: string; Key: string } {
  return {
    Bucket: bucket,
    Key: key,
    ContentType: content_type,
    Metadata: { [SHA256]: sha256, 'affiant-events': String(events) },
    ...(encryption && {
      ServerSideEncryption: encryptions[encryption.type],
      ...(encryption.key_id !== undefined && { SSEKMSKeyId: encryption.key_id }),
    }),
    ...(storage_class && { StorageClass: storage_class }),
    ...(Object.keys(tags).length > 0 && { Tagging: new URLSearchParams(tags).toString() }),
    ...(acl && { ACL: acl }),
    ...(lock?.mode !== undefined &&
      lock.until !== undefined && {
        ObjectLockMode: lockModes[lock.mode],
        ObjectLockRetainUntilDate: untilOf(lock.until, object_lock?.retain, now),
      }),
    ...(lock?.legal_hold === true && { ObjectLockLegalHoldStatus: 'ON' }),
  }
}

/** No store takes a date that has passed: what lay here for longer than it was to be kept is kept from now on. */
function untilOf(planned: string, retain: number | undefined, now: number): Date {
  const until = Date.parse(planned)
  return new Date(until > now + SOON ? until : now + (retain ?? DAY))
}
