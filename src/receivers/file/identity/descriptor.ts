/** What a stream's position in the journal says about its file, so that it is found again after a restart. */
import { z } from 'zod'

/** The beginning of a file: its first line with the newline, or its first 64 KiB when that line is longer. */
export interface HeadHash {
  /** Bytes. */
  readonly length: number
  /** Hex. */
  readonly sha256: string
}

const texts = z.record(z.string(), z.string()).exactOptional()
const text = z.string().exactOptional()

const podFacts = z.strictObject({
  namespace: z.string(),
  pod: z.string(),
  pod_uid: text,
  container: text,
  image: text,
  node: text,
  host: text,
  service_account: text,
  workload: z.strictObject({ kind: z.string(), name: z.string() }).exactOptional(),
  labels: texts,
  annotations: texts,
})

const fileDescriptor = z.strictObject({
  version: z.literal(1),
  receiver: z.string(),
  /** Where it was found; matches the receiver's patterns. */
  path: z.string(),
  /** Where a rotation has moved it, when that name matches no pattern. */
  moved: z.string().optional(),
  /** Where it lay when it was found, when `path` is a link: that is where a rotation takes its name. */
  target: z.string().optional(),
  /** Decimal, since they are 64 bits wide. */
  device: z.string(),
  inode: z.string(),
  head: z.strictObject({ length: z.int().nonnegative(), sha256: z.string() }),
  /** Which preset its first records were found to be of, where the configuration left that open. */
  preset: z.string().optional(),
  /** Whose it was when that was known last: once a pod is gone, nobody else knows. */
  pod: podFacts.optional().catch(undefined),
  /** Which of the generations with this device, inode and head: counted from 0. */
  generation: z.int().nonnegative().optional(),
  /** When the file was created, unix nanoseconds in decimal; absent where the file system does not say. */
  born: z.string().regex(/^\d+$/).optional(),
  /** Unix milliseconds. When the file, or this generation of it, was first met. */
  since: z.number().optional(),
  /** A compressed file that cannot be read beyond the position. */
  corrupt: z.boolean().optional(),
  /** Unix milliseconds. Its input ended; remembered for a while, should a copy of it turn up. */
  finished: z.number().optional(),
})

export type FileDescriptor = z.output<typeof fileDescriptor>

/** The file that it was: since then its inode may have become another one's. */
export function describedFile({ device, inode, born }: FileDescriptor) {
  return { key: `${device}:${inode}`, born: BigInt(born ?? 0) }
}

export function encodeDescriptor(descriptor: FileDescriptor): Uint8Array {
  const text = JSON.stringify(descriptor)
  // Kept as long as the file is followed: its own memory, not a piece of Node's pool that keeps all of it alive.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

/** Undefined when the bytes are no file's descriptor. */
export function decodeDescriptor(bytes: Uint8Array): FileDescriptor | undefined {
  try {
    return fileDescriptor.safeParse(JSON.parse(Buffer.from(bytes).toString())).data
  } catch {
    return undefined
  }
}
