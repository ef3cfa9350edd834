/**
 * In all tests, memory is written over as soon as it is given back to be used again: whoever still reads it finds that out,
 * and not only where the next one to take it happens to come too early.
 */
import { BufferPool } from '../src/buffer-pool.ts'
import { SizedPool } from '../src/sized-pool.ts'

const done = Symbol.for('affiant test: written over')

for (const { prototype } of [BufferPool, SizedPool]) {
  if (done in prototype) continue
  const give: unknown = Reflect.get(prototype, 'give')
  if (typeof give !== 'function') throw new TypeError('a pool takes nothing back')
  prototype.give = function writingOver(bytes: Buffer) {
    new Uint8Array(bytes.buffer).fill(0xdd)
    Reflect.apply(give, this, [bytes])
  }
  Object.defineProperty(prototype, done, { value: true })
}
