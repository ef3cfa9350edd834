/** Objects of one store: what is there, and how more comes. */
import { createHash } from 'node:crypto'
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3'
import { abortable } from '../../clock.ts'
import { asError } from '../../errors.ts'
import type { S3SinkConfig } from './config.ts'
import type { Credentials } from './credentials.ts'
import type { RequestHandler } from './handler.ts'
import type { ObjectView, StoredObject } from './likeness.ts'
import { objectInput, SHA256 } from './object-input.ts'
import type { ObjectPlan } from './plan.ts'
import { uploadInParts } from './upload.ts'

/** What is there is read in pieces of this size. Bytes. */
const PIECE = 4 * 1024 ** 2

export interface ObjectStore extends ObjectView {
  /** Undefined: there is none. */
  find(plan: ObjectPlan, signal: AbortSignal): Promise<StoredObject | undefined>
  /**
   * Resolves with whether the answer was a store's. Rejects with `PreconditionFailed` where an object is there already
   * and the server looks.
   */
  put(plan: ObjectPlan, body: Buffer, signal: AbortSignal): Promise<boolean>
  /** The same in parts. What was sent before a failure is taken back. */
  putInParts(plan: ObjectPlan, body: Buffer, signal: AbortSignal): Promise<boolean>
  /** Asks for credentials anew. */
  renew(): void
}

export interface StoreOptions {
  readonly config: S3SinkConfig
  readonly credentials: Credentials
  readonly handler: RequestHandler
  /** Unix milliseconds. */
  readonly now: () => number
}

/** @throws when no region can be found */
export async function openStore({ config, credentials, handler, now }: StoreOptions): Promise<ObjectStore> {
  // It takes a good part of a start, and is not everybody's.
  const sdk = await import('@aws-sdk/client-s3')
  const open = (region: string | undefined, systemClockOffset = 0): S3Client =>
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
      // Checksums that are asked for are compared here; those of pieces are nobody's.
      responseChecksumValidation: 'WHEN_REQUIRED',
      // What an answer has taught of the server's clock outlives the client.
      systemClockOffset,
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
  /** Undefined where the server says no: what it does not let be seen is not there to be seen. */
  const ifAllowed = (error: unknown): undefined => {
    const status = error instanceof sdk.S3ServiceException ? error.$metadata.httpStatusCode : undefined
    if (status !== undefined && ((status >= 400 && status < 500 && status !== 429) || status === 501))
      return undefined
    throw error
  }

  const store: ObjectStore = {
    async find({ bucket, key }, signal) {
      try {
        const found = await within(signal, (abortSignal) =>
          client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
        )
        const { ContentLength: size, ETag, Metadata } = found
        return { size, sha256: Metadata?.[SHA256], etag: ETag?.replace(/^W\/|"/g, '') }
      } catch (error) {
        // A bucket that is not there says the same, without a body; writing then tells them apart.
        if (error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 404)
          return undefined
        throw error
      }
    },

    async checksum({ bucket: Bucket, key: Key, checksum: { algorithm } }, signal) {
      const found = await within(signal, (abortSignal) =>
        client.send(new sdk.HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }), { abortSignal }),
      ).catch(ifAllowed)
      const sum = algorithm === 'crc32c' ? found?.ChecksumCRC32C : found?.ChecksumSHA256
      // One of an object in parts is the checksum of their checksums, and says how many (`…-3`).
      return sum?.includes('-') || found?.ChecksumType === 'COMPOSITE' ? undefined : sum
    },

    async digest({ bucket: Bucket, key: Key, size }, signal) {
      const hash = createHash('sha256')
      for (let at = 0; at < size; at += PIECE) {
        const end = Math.min(size, at + PIECE)
        const found = await within(signal, async (abortSignal) => {
          const Range = `bytes=${at}-${end - 1}`
          const { Body, ContentRange } = await client.send(new sdk.GetObjectCommand({ Bucket, Key, Range }), {
            abortSignal,
          })
          return { piece: await Body?.transformToByteArray(), ContentRange }
        }).catch(ifAllowed)
        const { piece, ContentRange } = found ?? {}
        // Who does not know ranges sends all of it, and that may be more than is read.
        const whole = ContentRange === undefined ? size : Number(/\/(\d+)$/.exec(ContentRange)?.[1] ?? size)
        if (piece === undefined || whole !== size || (ContentRange === undefined && size > PIECE))
          return undefined
        if (piece.length !== end - at) throw new Error('an object that is there could not be read to its end')
        hash.update(piece)
      }
      return hash.digest('hex')
    },

    async put(plan, body, signal) {
      const { algorithm, value } = plan.checksum
      const input: PutObjectCommandInput = {
        ...objectInput(plan, config, now()),
        ...condition,
        ...(algorithm === 'crc32c' ? { ChecksumCRC32C: value } : { ChecksumSHA256: value }),
        Body: body,
        ContentLength: body.length,
      }
      const { ETag } = await within(signal, (abortSignal) =>
        client.send(new sdk.PutObjectCommand(input), { abortSignal }),
      )
      return ETag !== undefined
    },

    async putInParts(plan, body, signal) {
      const input = objectInput(plan, config, now())
      const partSize = config.multipart.part_size
      const ETag = await uploadInParts({
        sdk,
        client,
        plan,
        body,
        partSize,
        input,
        condition,
        within: (ask) => within(signal, ask),
      })
      return ETag !== undefined
    },

    renew() {
      credentials.distrust()
      client = open(region, client.config.systemClockOffset)
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
