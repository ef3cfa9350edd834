/** What the journal keeps of a chain, so that it goes on after a restart: in one block with the records that led there. */
import { z } from 'zod'
import type { ChainState } from './link.ts'

export interface ChainDescriptor {
  readonly receiver: string
  /** `provenance.index` of its next record: indexes of records that were refused are not used again. */
  readonly next: number
  readonly state: ChainState
}

const descriptor = z.strictObject({
  audit_chain: z.literal(1),
  receiver: z.string(),
  next: z.int().nonnegative(),
  number: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  hash: z.string(),
  id: z.string(),
  ended: z.boolean().default(false),
  linked: z.boolean().default(false),
})

export function encodeChain({ receiver, next, state }: ChainDescriptor): Uint8Array {
  const { number, hash, id, ended, linked } = state
  const text = JSON.stringify({
    audit_chain: 1,
    receiver,
    next,
    ...(number !== undefined && { number: String(number) }),
    hash,
    id,
    ...(ended && { ended }),
    ...(linked && { linked }),
  })
  // Kept as long as the chain is: its own memory, not a piece of Node's pool that keeps all of it alive.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

/** Undefined when the bytes are no chain's. */
export function decodeChain(bytes: Uint8Array): ChainDescriptor | undefined {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
  const { data } = descriptor.safeParse(json)
  if (data === undefined) return undefined
  const { receiver, next, number, hash, id, ended, linked } = data
  return {
    receiver,
    next,
    state: { number: number === undefined ? undefined : BigInt(number), hash, id, ended, linked },
  }
}
