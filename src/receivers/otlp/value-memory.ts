/** What the values of records are written into, and used again once their records are committed. */
import { BufferPool } from '../../buffer-pool.ts'

const step = 256 * 1024
const largest = 6 * step
/** Bodies below this take memory of their own. */
const small = 16 * 1024
const pool = new BufferPool(8, largest)

/** Room for about the records of a body, and of the largest chunk of a larger one. */
export function takeMemory(body: Buffer): Buffer<ArrayBuffer> {
  const { length } = body
  const wanted = length < small ? 12 * length + 3 * small : Math.ceil((2 * length + small) / step) * step
  return pool.take(Math.min(wanted, largest)) as Buffer<ArrayBuffer>
}

/** Nobody may use it any more. */
export const giveMemory = (memory: Buffer): void => pool.give(memory)
