/** Objects of one store: what is there, and how more comes. */
import type {
  CompletedPart,
  CreateMultipartUploadCommandInput,
  PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3'
import { abortable } from '../../clock.ts'
import { asError } from '../../errors.ts'
import type { S3SinkConfig } from './config.ts'
import type { Credentials } from './credentials.ts'
import { crc32cOf } from './encode.ts'
import type { RequestHandler } from './handler.ts'
import type { ObjectPlan } from './plan.ts'

/** Metadata of each object: who finds it by its name sees whether it is the same. */
const SHA256 = 'affiant-sha256'
/** Clearing up after a failed upload is waited for so long. Milliseconds. */
const CLEAN_UP = 5_000

interface StoredObject {
  readonly size: number | undefined
  /** Undefined where it is none of ours. */
  readonly sha256: string | undefined
}

export interface ObjectStore {
  /** Undefined: there is none. */
  find(plan: ObjectPlan, signal: AbortSignal): Promise<StoredObject | undefined>
  /** Rejects with `PreconditionFailed` where one is there already and the server looks. */
  put(plan: ObjectPlan, body: Buffer, signal: AbortSignal): Promise<void>
  /** The same in parts. What was sent before a failure is taken back. */
  putInParts(plan: ObjectPlan, body: Buffer, signal: AbortSignal): Promise<void>
  /** Asks for credentials anew. */
  renew(): void
}

export interface StoreOptions {
  readonly config: S3SinkConfig
  readonly credentials: Credentials
  readonly handler: RequestHandler
}

/** @throws when no region can be found */
export async function openStore({ config, credentials, handler }: StoreOptions): Promise<ObjectStore> {
  // It takes a good part of a start, and is not everybody's.
  const sdk = await import('@aws-sdk/client-s3')
  const open = (region: string | undefined): S3Client =>
    new sdk.S3Client({
      ...credentials.options,
      ...(region !== undefined && { region }),
      ...(config.endpoint !== undefined && { endpoint: config.endpoint }),
      forcePathStyle: config.path_style ?? config.endpoint !== undefined,
      requestHandler: handler,
      // Delivery tries again; twice over would be neither bounded nor seen.
      maxAttempts: 1,
      // The transport sends a body at once.
      expectContinueHeader: false,
    })
  const region = config.region ?? (await regionOf(open(undefined), config.endpoint))
  let client = open(region)

  /** The SDK's own waiting, for credentials from a network, is bounded and abortable as well. */
  const within = <T>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    // Before anything is asked, so that no rejection is left without its reader.
    if (signal.aborted) return Promise.reject(asError(signal.reason))
    const limit = AbortSignal.timeout(2 * config.timeout)
    const either = AbortSignal.any([signal, limit])
    return abortable(ask(either), either)
  }
  const condition = config.conditional ? { IfNoneMatch: '*' } : {}

  const store: ObjectStore = {
    async find({ bucket, key }, signal) {
      try {
        const found = await within(signal, (abortSignal) =>
          client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
        )
        return { size: found.ContentLength, sha256: found.Metadata?.[SHA256] }
      } catch (error) {
        // A bucket that is not there says the same, without a body; writing then tells them apart.
        if (error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 404)
          return undefined
        throw error
      }
    },

    async put(plan, body, signal) {
      const { algorithm, value } = plan.checksum
      const input: PutObjectCommandInput = {
        ...objectInput(plan, config),
        ...condition,
        ...(algorithm === 'crc32c' ? { ChecksumCRC32C: value } : { ChecksumSHA256: value }),
        Body: body,
        ContentLength: body.length,
      }
      await within(signal, (abortSignal) => client.send(new sdk.PutObjectCommand(input), { abortSignal }))
    },

    async putInParts(plan, body, signal) {
      const { bucket: Bucket, key: Key } = plan
      const { UploadId } = await within(signal, (abortSignal) =>
        client.send(
          new sdk.CreateMultipartUploadCommand({
            ...objectInput(plan, config),
            ChecksumAlgorithm: 'CRC32C',
          }),
          { abortSignal },
        ),
      )
      if (UploadId === undefined) throw new Error('the server began an upload without an id')
      const upload = { Bucket, Key, UploadId }
      try {
        const Parts: CompletedPart[] = []
        for (let at = 0; at < body.length; at += config.multipart.part_size) {
          const part = body.subarray(at, at + config.multipart.part_size)
          const PartNumber = Parts.length + 1
          const ChecksumCRC32C = crc32cOf(part)
          const { ETag } = await within(signal, (abortSignal) =>
            client.send(
              new sdk.UploadPartCommand({
                ...upload,
                PartNumber,
                Body: part,
                ContentLength: part.length,
                ChecksumCRC32C,
              }),
              { abortSignal },
            ),
          )
          Parts.push({ PartNumber, ChecksumCRC32C, ...(ETag !== undefined && { ETag }) })
        }
        await within(signal, (abortSignal) =>
          client.send(
            new sdk.CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } }),
            { abortSignal },
          ),
        )
      } catch (error) {
        // Parts that nobody asks for are paid for all the same. If the upload was complete, there is nothing to clear up.
        const abortSignal = AbortSignal.timeout(CLEAN_UP)
        await client.send(new sdk.AbortMultipartUploadCommand(upload), { abortSignal }).catch(() => undefined)
        throw error
      }
    },

    renew() {
      credentials.distrust()
      client = open(region)
    },
  }
  return store
}

async function regionOf(client: S3Client, endpoint: string | undefined): Promise<string> {
  try {
    return await client.config.region()
  } catch (error) {
    // Most other servers take any region that the signature names.
    if (endpoint !== undefined) return 'us-east-1'
    throw new Error(`no region: ${asError(error).message}`, { cause: error })
  }
}

const lockModes = { governance: 'GOVERNANCE', compliance: 'COMPLIANCE' } as const
const encryptions = { s3: 'AES256', kms: 'aws:kms' } as const

/** What both ways of writing an object have in common. */
function objectInput(
  { bucket, key, content_type, sha256, events, lock }: ObjectPlan,
  { encryption, storage_class, tags, acl }: S3SinkConfig,
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
        ObjectLockRetainUntilDate: new Date(lock.until),
      }),
    ...(lock?.legal_hold === true && { ObjectLockLegalHoldStatus: 'ON' }),
  }
}
