/** An object in parts: whole in the end, or gone again. */
import type { CompletedPart, CreateMultipartUploadCommandInput, S3Client } from '@aws-sdk/client-s3'
import { crc32cOf, sha256Of } from './encode.ts'
import type { ObjectPlan } from './plan.ts'

/** Clearing up after a failed upload is waited for so long. Milliseconds. */
const CLEAN_UP = 5_000

export interface UploadOptions {
  readonly sdk: typeof import('@aws-sdk/client-s3')
  readonly client: S3Client
  readonly plan: ObjectPlan
  readonly body: Buffer
  readonly partSize: number
  /** Of the object, beside its name. */
  readonly input: CreateMultipartUploadCommandInput & { Bucket: string; Key: string }
  readonly condition: { readonly IfNoneMatch?: string }
  /** Bounds one request. */
  readonly within: <T>(ask: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>
}

/** Resolves with the ETag of the object. */
export async function uploadInParts(options: UploadOptions): Promise<string | undefined> {
  const { sdk, client, plan, body, partSize, input, condition, within } = options
  const { Bucket, Key } = input
  await abortAbandoned(options)
  const { UploadId } = await within((abortSignal) =>
    client.send(
      new sdk.CreateMultipartUploadCommand({
        ...input,
        ChecksumAlgorithm: plan.checksum.algorithm === 'crc32c' ? 'CRC32C' : 'SHA256',
      }),
      { abortSignal },
    ),
  )
  if (UploadId === undefined) throw new Error('the server began an upload without an id')
  const upload = { Bucket, Key, UploadId }
  try {
    const Parts: CompletedPart[] = []
    for (let at = 0; at < body.length; at += partSize) {
      const part = body.subarray(at, at + partSize)
      const PartNumber = Parts.length + 1
      const sum = checksumOf(plan, part)
      const { ETag } = await within((abortSignal) =>
        client.send(
          new sdk.UploadPartCommand({
            ...upload,
            PartNumber,
            Body: part,
            ContentLength: part.length,
            ...sum,
          }),
          { abortSignal },
        ),
      )
      Parts.push({ PartNumber, ...sum, ...(ETag !== undefined && { ETag }) })
    }
    const { ETag } = await within((abortSignal) =>
      client.send(
        new sdk.CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } }),
        { abortSignal },
      ),
    )
    return ETag
  } catch (error) {
    // Parts that nobody asks for are paid for all the same. If the upload was complete, there is nothing to clear up.
    await abort(options, UploadId)
    throw error
  }
}

/**
 * What a run before left of this object when it was killed: nobody else writes under this name. Who may not list
 * uploads leaves them to the bucket's lifecycle.
 */
async function abortAbandoned(options: UploadOptions): Promise<void> {
  const { sdk, client, input, within } = options
  const { Bucket, Key } = input
  const { Uploads = [] } = await within((abortSignal) =>
    client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: Key }), { abortSignal }),
  ).catch((): { Uploads?: { Key?: string; UploadId?: string }[] } => ({}))
  for (const { Key: of, UploadId } of Uploads) {
    if (of === Key && UploadId !== undefined) await abort(options, UploadId)
  }
}

async function abort({ sdk, client, input }: UploadOptions, UploadId: string): Promise<void> {
  const { Bucket, Key } = input
  const abortSignal = AbortSignal.timeout(CLEAN_UP)
  await client
    .send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal })
    .catch(() => undefined)
}

function checksumOf({ checksum }: ObjectPlan, part: Buffer) {
  return checksum.algorithm === 'crc32c'
    ? { ChecksumCRC32C: crc32cOf(part) }
    : { ChecksumSHA256: Buffer.from(sha256Of(part), 'hex').toString('base64') }
}
