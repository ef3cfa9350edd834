/** Bytes of a segment, flipped one after the other: here, or by one thread for each core. */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Case, flippedSegment } from './flipped-segment.ts'
import { flippedVariant, variants } from './flipped-variant.ts'

export type Flipped = Case | keyof typeof variants

export interface Share {
  readonly of: Flipped
  /** The first byte, and how far it is to the next. */
  readonly start: number
  readonly stride: number
}

export interface Flips {
  readonly flips: number
  /** Bytes of the segment. */
  readonly length: number
}

const isVariant = (of: Flipped): of is keyof typeof variants => Object.hasOwn(variants, of)

/** Rejects at the first one that is not as it must be. */
export async function flip({ of, start, stride }: Share): Promise<Flips> {
  const segment = isVariant(of) ? await flippedVariant(of) : await flippedSegment(of)
  let flips = 0
  for (let offset = start; offset < segment.length; offset += stride) {
    await segment.check(offset)
    flips++
    // Everything is in memory: without this nothing else of the process would get its turn.
    if (flips % 100 === 0) await new Promise(setImmediate)
  }
  return { flips, length: segment.length }
}

export async function flipAll(of: Flipped): Promise<Flips> {
  const stride = availableParallelism()
  const shares = await Promise.all(
    Array.from({ length: stride }, (_, start) => inThread({ of, start, stride })),
  )
  return {
    flips: shares.reduce((sum, { flips }) => sum + flips, 0),
    length: Math.min(...shares.map(({ length }) => length)),
  }
}

async function inThread(share: Share): Promise<Flips> {
  const thread = new Worker(new URL('./flip-thread.ts', import.meta.url), { workerData: share })
  // `once` rejects when the thread fails.
  const [flips]: Flips[] = await once(thread, 'message')
  if (!flips) throw new Error('a thread said nothing')
  return flips
}
